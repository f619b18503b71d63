package io.cairn.core.stats;

import io.cairn.cgroups.CgroupUse;
import io.cairn.core.domain.Sandbox;
import io.cairn.network.InterfaceCounters;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/**
 * What a pod uses as a whole, and its running containers each.
 *
 * @param atNanos wall time of the reading
 * @param use none when the pod has no cgroup of its own
 * @param network empty for a pod in the host's network
 */
public record PodReading(
        Sandbox sandbox,
        long atNanos,
        Option<CgroupUse> use,
        Option<Long> nanoCores,
        Vector<InterfaceCounters> network,
        Vector<ContainerReading> containers) {}
