package io.cairn.core.cri;

import io.cairn.proto.cri.HugepageLimit;
import io.cairn.proto.cri.LinuxContainerResources;
import java.util.regex.Pattern;

/** Checks limits before anything is intended. Each throws INVALID_ARGUMENT with the field's name and what was expected. */
final class Limit {
    /** cpuset(7), "List format". */
    private static final Pattern CPU_LIST = Pattern.compile("([0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*)?");
    private static final Pattern UNIFIED_FILE = Pattern.compile("[a-z_]+(\\.[A-Za-z0-9_]+)+");
    private static final Pattern PAGE_SIZE = Pattern.compile("[1-9][0-9]{0,8}(B|[KMGTP]B)");
    private static final int TEXT_CHARS_MAX = 4096;
    private static final int ENTRIES_MAX = 256;
    private static final long OOM_SCORE_MAX = 1000;

    private Limit() {}

    static void check(String field, LinuxContainerResources limits) {
        atLeast(0, field + ".cpu_shares", limits.getCpuShares());
        atLeast(0, field + ".cpu_period", limits.getCpuPeriod());
        atLeast(-1, field + ".cpu_quota", limits.getCpuQuota());
        atLeast(-1, field + ".memory_limit_in_bytes", limits.getMemoryLimitInBytes());
        atLeast(-1, field + ".memory_swap_limit_in_bytes", limits.getMemorySwapLimitInBytes());
        long oomScore = limits.getOomScoreAdj();
        Valid.require(oomScore >= -OOM_SCORE_MAX && oomScore <= OOM_SCORE_MAX, field + ".oom_score_adj", "a number from -1000 to 1000",
                Long.toString(oomScore));
        cpus(field + ".cpuset_cpus", limits.getCpusetCpus());
        cpus(field + ".cpuset_mems", limits.getCpusetMems());
        Valid.require(limits.getHugepageLimitsCount() <= ENTRIES_MAX, field + ".hugepage_limits", "at most 256 limits",
                Integer.toString(limits.getHugepageLimitsCount()));
        for (HugepageLimit limit : limits.getHugepageLimitsList()) {
            Valid.require(PAGE_SIZE.matcher(limit.getPageSize()).matches(), field + ".hugepage_limits.page_size", "a size like 2MB",
                    limit.getPageSize());
        }
        Valid.require(limits.getUnifiedCount() <= ENTRIES_MAX, field + ".unified", "at most 256 values", Integer.toString(limits.getUnifiedCount()));
        limits.getUnifiedMap().forEach((name, value) -> {
            Valid.require(name.length() <= TEXT_CHARS_MAX && UNIFIED_FILE.matcher(name).matches(), field + ".unified",
                    "names of cgroup2 files like memory.high", name);
            Valid.require(value.length() <= TEXT_CHARS_MAX && value.indexOf('\0') < 0, field + ".unified", "at most 4096 characters", value);
        });
    }

    private static void atLeast(long least, String field, long value) {
        Valid.require(value >= least, field, "at least " + least, Long.toString(value));
    }

    private static void cpus(String field, String value) {
        Valid.require(value.length() <= TEXT_CHARS_MAX && CPU_LIST.matcher(value).matches(), field, "a list like 0-3,7", value);
    }
}
