package io.cairn.cgroups;

/**
 * Time spent on processors since the cgroup was made.
 *
 * @param usageNanos all of it; user and system are coarser on v1 (ticks of 10 ms) and need not add up to it
 * @param periods elapsed periods of the CPU quota, those in which it was used up, and the time waited then
 */
public record CpuUse(long usageNanos, long userNanos, long systemNanos, long periods, long throttledPeriods, long throttledNanos) {}
