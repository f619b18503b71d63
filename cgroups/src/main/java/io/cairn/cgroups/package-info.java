/**
 * What the kernel counts for a cgroup, read from cgroup v1, v2 or a host that has both ({@link io.cairn.cgroups.CgroupReader}).
 * Only reads; knows nothing of containers.
 */
package io.cairn.cgroups;
