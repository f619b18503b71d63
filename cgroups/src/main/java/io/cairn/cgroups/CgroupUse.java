package io.cairn.cgroups;

import io.vavr.control.Option;

/**
 * What the kernel counted for a cgroup and those below it, at one moment. What the host does not count is absent.
 *
 * @param tasks processes and their threads
 * @param tasksMax none without a limit
 */
public record CgroupUse(
        Option<CpuUse> cpu,
        Option<MemoryUse> memory,
        Option<Long> tasks,
        Option<Long> tasksMax,
        Option<Pressure> cpuPressure,
        Option<Pressure> memoryPressure,
        Option<Pressure> ioPressure) {}
