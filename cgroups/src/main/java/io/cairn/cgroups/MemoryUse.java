package io.cairn.cgroups;

import io.vavr.control.Option;

/**
 * Memory of a cgroup and those below it, in bytes.
 *
 * @param usageBytes with the page cache
 * @param workingSetBytes usage without the page cache that can be dropped first: what the kubelet's eviction looks at
 * @param rssBytes anonymous memory
 * @param limitBytes none where only the machine limits
 * @param maxUsageBytes highest usage so far; none where the kernel does not keep it (v2 before Linux 5.19)
 * @param limitHits times that memory ran into its limit
 * @param oomKills processes that were killed for want of memory
 * @param swap none where swap is not accounted
 */
public record MemoryUse(
        long usageBytes,
        long workingSetBytes,
        long rssBytes,
        long cacheBytes,
        long mappedFileBytes,
        long kernelBytes,
        long pageFaults,
        long majorPageFaults,
        Option<Long> limitBytes,
        Option<Long> maxUsageBytes,
        long limitHits,
        long oomKills,
        Option<Swap> swap) {

    /** @param limitBytes of swap alone; none where only the machine limits */
    public record Swap(long usageBytes, Option<Long> limitBytes) {}

    /** What may still be used before the limit; none without a limit. */
    public Option<Long> availableBytes() {
        return limitBytes.map(limit -> Math.max(0, limit - workingSetBytes));
    }
}
