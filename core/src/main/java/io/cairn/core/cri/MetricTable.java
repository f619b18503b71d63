package io.cairn.core.cri;

import static io.cairn.proto.cri.MetricType.COUNTER;
import static io.cairn.proto.cri.MetricType.GAUGE;

import io.cairn.cgroups.CgroupUse;
import io.cairn.cgroups.CpuUse;
import io.cairn.cgroups.DeviceUse;
import io.cairn.cgroups.MemoryUse;
import io.cairn.cgroups.Pressure;
import io.cairn.core.stats.MetricReading;
import io.cairn.core.stats.ProcessCounts;
import io.cairn.linux.FileSystems;
import io.cairn.network.InterfaceCounters;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.Metric;
import io.cairn.proto.cri.MetricDescriptor;
import io.cairn.proto.cri.MetricType;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.ToLongFunction;

/**
 * The metrics by the names, labels and units of cAdvisor, which the kubelet's /metrics/cadvisor has always shown: dashboards and
 * alerts are written for them. The CRI carries whole numbers only, so that times are cut to seconds, on every runtime.
 */
final class MetricTable {
    private static final Vector<String> BASE_LABELS = Vector.of("id", "name", "image", "namespace", "pod", "container");

    private static final Vector<Row> ROWS = Vector.of(
            seen("container_last_seen", GAUGE, "Last time this container was seen, in seconds since 1970.", MetricReading::atNanos),
            started("container_start_time_seconds", "Start time of the container, in seconds since 1970."),

            cpu("container_cpu_usage_seconds_total", "Processor time used, in seconds.", CpuUse::usageNanos, "cpu"),
            cpu("container_cpu_user_seconds_total", "Processor time used in user mode, in seconds.", CpuUse::userNanos),
            cpu("container_cpu_system_seconds_total", "Processor time used in kernel mode, in seconds.", CpuUse::systemNanos),
            count("container_cpu_cfs_periods_total", "Elapsed periods of the CPU quota.", CpuUse::periods),
            count("container_cpu_cfs_throttled_periods_total", "Periods in which the CPU quota was used up.", CpuUse::throttledPeriods),
            cpu("container_cpu_cfs_throttled_seconds_total", "Time waited for the next period of the CPU quota, in seconds.",
                    CpuUse::throttledNanos),

            memory("container_memory_usage_bytes", GAUGE, "Memory used, with the page cache, in bytes.", MemoryUse::usageBytes),
            memory("container_memory_working_set_bytes", GAUGE, "Memory used that cannot be dropped at once, in bytes.",
                    MemoryUse::workingSetBytes),
            memory("container_memory_rss", GAUGE, "Anonymous memory, in bytes.", MemoryUse::rssBytes),
            memory("container_memory_cache", GAUGE, "Page cache, in bytes.", MemoryUse::cacheBytes),
            memory("container_memory_mapped_file", GAUGE, "Files mapped into memory, in bytes.", MemoryUse::mappedFileBytes),
            memory("container_memory_kernel_usage", GAUGE, "Memory of the kernel, in bytes.", MemoryUse::kernelBytes),
            memory("container_memory_max_usage_bytes", GAUGE, "Highest memory usage so far, in bytes.",
                    use -> use.maxUsageBytes().getOrElse(use.usageBytes())),
            memory("container_memory_swap", GAUGE, "Swap used, in bytes.", use -> use.swap().map(MemoryUse.Swap::usageBytes).getOrElse(0L)),
            memory("container_memory_failcnt", COUNTER, "Times that memory ran into its limit.", MemoryUse::limitHits),
            memory("container_oom_events_total", COUNTER, "Processes killed for want of memory.", MemoryUse::oomKills),
            row("container_memory_failures_total", COUNTER, "Page faults.", MetricTable::faults, "failure_type", "scope"),

            pressure("container_pressure_cpu_waiting_seconds_total", "Time in which some task waited for a processor, in seconds.",
                    CgroupUse::cpuPressure, Pressure::some),
            pressure("container_pressure_cpu_stalled_seconds_total", "Time in which all tasks waited for a processor, in seconds.",
                    CgroupUse::cpuPressure, Pressure::full),
            pressure("container_pressure_memory_waiting_seconds_total", "Time in which some task waited for memory, in seconds.",
                    CgroupUse::memoryPressure, Pressure::some),
            pressure("container_pressure_memory_stalled_seconds_total", "Time in which all tasks waited for memory, in seconds.",
                    CgroupUse::memoryPressure, Pressure::full),
            pressure("container_pressure_io_waiting_seconds_total", "Time in which some task waited for a disk, in seconds.",
                    CgroupUse::ioPressure, Pressure::some),
            pressure("container_pressure_io_stalled_seconds_total", "Time in which all tasks waited for a disk, in seconds.",
                    CgroupUse::ioPressure, Pressure::full),

            row("container_hugetlb_usage_bytes", GAUGE, "Huge pages used, in bytes.",
                    r -> r.hugepages().map(h -> new Value(h.usageBytes(), h.pageSize())), "pagesize"),
            row("container_hugetlb_max_usage_bytes", GAUGE, "Most huge pages used so far, in bytes.",
                    r -> r.hugepages().map(h -> new Value(h.maxUsageBytes(), h.pageSize())), "pagesize"),

            row("container_blkio_device_usage_total", COUNTER, "Bytes read from and written to a block device.",
                    r -> r.devices().flatMap(d -> Vector.of(traffic(d, "read", d.readBytes()), traffic(d, "write", d.writtenBytes()))),
                    "device", "major", "minor", "operation"),
            device("container_fs_reads_total", "Reads from a block device.", DeviceUse::reads),
            device("container_fs_reads_bytes_total", "Bytes read from a block device.", DeviceUse::readBytes),
            device("container_fs_writes_total", "Writes to a block device.", DeviceUse::writes),
            device("container_fs_writes_bytes_total", "Bytes written to a block device.", DeviceUse::writtenBytes),
            row("container_fs_usage_bytes", GAUGE, "Bytes the container has written to its root file system and keeps there.",
                    r -> one(r.layer().map(l -> l.usedBytes()))),
            disk("container_fs_limit_bytes", "Size of the file system that root file systems are on, in bytes.", FileSystems.Capacity::bytes),
            disk("container_fs_inodes_total", "Inodes of the file system that root file systems are on.", FileSystems.Capacity::inodes),
            disk("container_fs_inodes_free", "Free inodes of the file system that root file systems are on.",
                    FileSystems.Capacity::freeInodes),

            network("container_network_receive_bytes_total", "Bytes received.", i -> i.received().bytes()),
            network("container_network_receive_packets_total", "Packets received.", i -> i.received().packets()),
            network("container_network_receive_packets_dropped_total", "Packets dropped on receipt.", i -> i.received().dropped()),
            network("container_network_receive_errors_total", "Errors on receipt.", i -> i.received().errors()),
            network("container_network_transmit_bytes_total", "Bytes sent.", i -> i.sent().bytes()),
            network("container_network_transmit_packets_total", "Packets sent.", i -> i.sent().packets()),
            network("container_network_transmit_packets_dropped_total", "Packets dropped on sending.", i -> i.sent().dropped()),
            network("container_network_transmit_errors_total", "Errors on sending.", i -> i.sent().errors()),

            processes("container_processes", "Processes.", ProcessCounts::processes),
            processes("container_file_descriptors", "Open files.", ProcessCounts::openFiles),
            processes("container_sockets", "Open sockets.", ProcessCounts::sockets),
            row("container_threads", GAUGE, "Threads.", r -> one(r.use().flatMap(CgroupUse::tasks))),
            row("container_threads_max", GAUGE, "Most threads allowed; 0 without a limit.",
                    r -> one(r.use().filter(u -> u.tasks().isDefined()).map(u -> u.tasksMax().getOrElse(0L)))),
            row("container_ulimits_soft", GAUGE, "Soft limits of the main process.", r -> r.processes()
                    .flatMap(ProcessCounts::openFilesSoftLimit).map(limit -> new Value(limit, "max_open_files")).toVector(), "ulimit"),

            limit("container_spec_cpu_period", "Period of the CPU quota, in microseconds.", LinuxContainerResources::getCpuPeriod),
            limit("container_spec_cpu_quota", "CPU quota in each period, in microseconds; 0 without one.",
                    limits -> Math.max(0, limits.getCpuQuota())),
            limit("container_spec_cpu_shares", "CPU shares.", LinuxContainerResources::getCpuShares),
            limit("container_spec_memory_limit_bytes", "Memory limit, in bytes; 0 without one.",
                    limits -> Math.max(0, limits.getMemoryLimitInBytes())),
            limit("container_spec_memory_reservation_limit_bytes", "Memory that is protected, in bytes; 0 without one.",
                    limits -> whole(limits.getUnifiedOrDefault("memory.low", ""))),
            limit("container_spec_memory_swap_limit_bytes", "Limit of memory and swap together, in bytes; 0 without one.",
                    limits -> Math.max(0, limits.getMemorySwapLimitInBytes())));

    private MetricTable() {}

    /** One of a metric's values, with those labels that are its own. */
    private record Value(long value, Vector<String> labels) {
        Value(long value, String... labels) {
            this(value, Vector.of(labels));
        }
    }

    private record Row(String name, MetricType type, String help, Vector<String> labels, Function<MetricReading, Vector<Value>> values) {}

    static Vector<MetricDescriptor> descriptors() {
        return ROWS.map(row -> MetricDescriptor.newBuilder().setName(row.name()).setHelp(row.help())
                .addAllLabelKeys(BASE_LABELS.appendAll(row.labels())).build());
    }

    static Vector<Metric> metrics(MetricReading reading) {
        Vector<String> base = labels(reading);
        return ROWS.flatMap(row -> row.values().apply(reading).map(value -> Metric.newBuilder().setName(row.name())
                .setTimestamp(reading.atNanos()).setMetricType(row.type()).addAllLabelValues(base.appendAll(value.labels()))
                .setValue(StatsReplies.value(value.value())).build()));
    }

    /** As cAdvisor has it: a series of the pod as a whole has no name, image and container. */
    private static Vector<String> labels(MetricReading r) {
        var pod = r.sandbox().key();
        return Vector.of(r.cgroup().getOrElse(r.sandbox().id()), r.container().map(c -> c.id()).getOrElse(""),
                r.container().map(c -> c.config().getImage().getImage()).getOrElse(""), pod.namespace(), pod.name(),
                r.container().map(c -> c.key().name()).getOrElse(""));
    }

    private static Row row(String name, MetricType type, String help, Function<MetricReading, Vector<Value>> values, String... labels) {
        return new Row(name, type, help, Vector.of(labels), values);
    }

    private static Vector<Value> one(Option<Long> value, String... labels) {
        return value.map(v -> new Value(v, labels)).toVector();
    }

    private static Row seen(String name, MetricType type, String help, ToLongFunction<MetricReading> nanos) {
        return row(name, type, help, r -> Vector.of(new Value(seconds(nanos.applyAsLong(r)))));
    }

    private static Row started(String name, String help) {
        return seen(name, GAUGE, help, r -> r.container().map(c -> c.startedAtNanos()).getOrElse(r.sandbox().createdAtNanos()));
    }

    /** The one metric with a label for its processor has the sum of all of them, as the kernel does not count each any more. */
    private static Row cpu(String name, String help, ToLongFunction<CpuUse> nanos, String... labels) {
        String[] values = labels.length == 0 ? new String[0] : new String[] {"total"};
        return row(name, COUNTER, help, r -> one(r.use().flatMap(CgroupUse::cpu).map(c -> seconds(nanos.applyAsLong(c))), values), labels);
    }

    private static Row count(String name, String help, ToLongFunction<CpuUse> count) {
        return row(name, COUNTER, help, r -> one(r.use().flatMap(CgroupUse::cpu).map(count::applyAsLong)));
    }

    private static Row memory(String name, MetricType type, String help, ToLongFunction<MemoryUse> bytes) {
        return row(name, type, help, r -> one(r.use().flatMap(CgroupUse::memory).map(bytes::applyAsLong)));
    }

    private static Vector<Value> faults(MetricReading r) {
        return r.use().flatMap(CgroupUse::memory).toVector().flatMap(memory -> Vector.of("container", "hierarchy").flatMap(scope ->
                Vector.of(new Value(memory.pageFaults(), "pgfault", scope), new Value(memory.majorPageFaults(), "pgmajfault", scope))));
    }

    private static Row pressure(String name, String help, Function<CgroupUse, Option<Pressure>> resource,
            Function<Pressure, Pressure.Share> share) {
        return row(name, COUNTER, help, r -> one(r.use().flatMap(resource)
                .map(p -> TimeUnit.MICROSECONDS.toSeconds(share.apply(p).totalMicros()))));
    }

    private static Row device(String name, String help, ToLongFunction<DeviceUse> count) {
        return row(name, COUNTER, help, r -> r.devices().map(d -> new Value(count.applyAsLong(d), deviceName(d))), "device");
    }

    private static Value traffic(DeviceUse d, String operation, long bytes) {
        return new Value(bytes, deviceName(d), Integer.toString(d.major()), Integer.toString(d.minor()), operation);
    }

    private static String deviceName(DeviceUse d) {
        return d.major() + ":" + d.minor();
    }

    private static Row disk(String name, String help, ToLongFunction<FileSystems.Capacity> count) {
        return row(name, GAUGE, help, r -> one(r.fileSystem().map(count::applyAsLong)));
    }

    private static Row network(String name, String help, ToLongFunction<InterfaceCounters> count) {
        return row(name, COUNTER, help, r -> r.network().map(i -> new Value(count.applyAsLong(i), i.name())), "interface");
    }

    private static Row processes(String name, String help, ToLongFunction<ProcessCounts> count) {
        return row(name, GAUGE, help, r -> one(r.processes().map(count::applyAsLong)));
    }

    private static Row limit(String name, String help, ToLongFunction<LinuxContainerResources> limit) {
        return row(name, GAUGE, help, r -> one(r.container().map(c -> limit.applyAsLong(c.resources()))));
    }

    private static long whole(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    private static long seconds(long nanos) {
        return TimeUnit.NANOSECONDS.toSeconds(nanos);
    }
}
