package io.cairn.core.domain;

import io.cairn.proto.cri.LinuxContainerResources;

/** Limits that are changed one by one: 0 and an empty text mean "as it is" (CRI, LinuxContainerResources). */
public final class Limits {
    private Limits() {}

    /**
     * @param now in force
     * @param asked what shall be otherwise. The score of the OOM killer belongs to the process that was started and stays
     */
    public static LinuxContainerResources changed(LinuxContainerResources now, LinuxContainerResources asked) {
        var changed = now.toBuilder();
        if (asked.getMemoryLimitInBytes() != 0) {
            // A limit of memory and swap together follows that of memory, unless it is given: it might be too low else.
            changed.setMemoryLimitInBytes(asked.getMemoryLimitInBytes()).clearMemorySwapLimitInBytes();
        }
        return changed.mergeFrom(asked).clearHugepageLimits()
                .addAllHugepageLimits(asked.getHugepageLimitsCount() > 0 ? asked.getHugepageLimitsList() : now.getHugepageLimitsList())
                .setOomScoreAdj(now.getOomScoreAdj()).build();
    }
}
