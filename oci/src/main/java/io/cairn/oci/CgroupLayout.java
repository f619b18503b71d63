package io.cairn.oci;

/** What is mounted at /sys/fs/cgroup: v1 alone, v1 controllers with a cgroup2 beside them, or cgroup2 alone (cgroups(7)). */
public enum CgroupLayout {
    V1,
    HYBRID,
    UNIFIED
}
