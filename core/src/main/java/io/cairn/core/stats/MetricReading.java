package io.cairn.core.stats;

import io.cairn.cgroups.CgroupUse;
import io.cairn.cgroups.DeviceUse;
import io.cairn.cgroups.HugepageUse;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.LayerUse;
import io.cairn.linux.FileSystems;
import io.cairn.network.InterfaceCounters;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/**
 * All that is known of one container, or of a pod as a whole, at one moment. What does not apply is absent.
 *
 * @param container none for the pod as a whole
 * @param cgroup as in proc_pid_cgroup(5)
 * @param atNanos wall time of the reading
 */
public record MetricReading(
        Sandbox sandbox,
        Option<Container> container,
        Option<String> cgroup,
        long atNanos,
        Option<CgroupUse> use,
        Vector<DeviceUse> devices,
        Vector<HugepageUse> hugepages,
        Option<ProcessCounts> processes,
        Option<LayerUse> layer,
        Option<FileSystems.Capacity> fileSystem,
        Vector<InterfaceCounters> network) {}
