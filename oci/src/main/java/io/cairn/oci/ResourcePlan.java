package io.cairn.oci;

import io.cairn.proto.cri.HugepageLimit;
import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/**
 * Limits of a container. 0 and an empty text mean "not asked" (CRI, LinuxContainerResources). A limit whose controller the
 * node does not have is left out: the kubelet sends hugepage limits to every node, and runc fails on them where hugetlb is
 * missing.
 */
final class ResourcePlan {
    private static final int MIN_OOM_SCORE_ADJ = -1000;
    private static final int MAX_OOM_SCORE_ADJ = 1000;

    private final HostFacts host;
    private final Clamps clamps;

    ResourcePlan(HostFacts host, Clamps clamps) {
        this.host = host;
        this.clamps = clamps;
    }

    OciSpec.Resources plan(LinuxContainerResources asked, List<OciSpec.DeviceRule> devices) throws Refused {
        return new OciSpec.Resources(devices, memory(asked), cpu(asked), hugepages(asked), unified(asked));
    }

    /** Always set: a container must not inherit the daemon's own score, which is usually far below 0. */
    int oomScoreAdj(LinuxContainerResources asked) throws Refused {
        long score = asked.getOomScoreAdj();
        if (score < MIN_OOM_SCORE_ADJ || score > MAX_OOM_SCORE_ADJ) {
            throw Refused.request("Expected oom_score_adj to be from %d to %d, but it is %d", MIN_OOM_SCORE_ADJ, MAX_OOM_SCORE_ADJ, score);
        }
        int own = host.daemon().oomScoreAdj();
        if (score >= own || host.daemon().sysResource()) {
            return (int) score;
        }
        clamps.add("process.oomScoreAdj", score, own,
                "the daemon lacks CAP_SYS_RESOURCE and cannot give a score below its own (proc_pid_oom_score_adj(5))");
        return own;
    }

    private OciSpec.Memory memory(LinuxContainerResources asked) throws Refused {
        long limit = atLeast(-1, asked.getMemoryLimitInBytes(), "memory_limit_in_bytes");
        long swap = atLeast(-1, asked.getMemorySwapLimitInBytes(), "memory_swap_limit_in_bytes");
        Option<Long> limitGiven = given(limit != 0, limit, "memory", "memory.limit");
        if (swap == 0) {
            // Equal limits mean no swap: a container must not leave its memory limit by swapping unless the kubelet says so.
            return new OciSpec.Memory(limitGiven, limitGiven.filter(l -> host.cgroups().swapAccounting()));
        }
        if (swap > 0 && limit > 0 && swap < limit) {
            throw Refused.request(
                    "Expected memory_swap_limit_in_bytes (memory and swap together) to be at least memory_limit_in_bytes %d, but it is %d",
                    limit, swap);
        }
        if (!host.cgroups().swapAccounting()) {
            clamps.add("memory.swap", swap, Clamps.NOTHING, "this kernel does not account swap per cgroup");
            return new OciSpec.Memory(limitGiven, Option.none());
        }
        return new OciSpec.Memory(limitGiven, given(true, swap, "memory", "memory.swap"));
    }

    private OciSpec.Cpu cpu(LinuxContainerResources asked) throws Refused {
        long shares = atLeast(0, asked.getCpuShares(), "cpu_shares");
        long quota = atLeast(-1, asked.getCpuQuota(), "cpu_quota");
        long period = atLeast(0, asked.getCpuPeriod(), "cpu_period");
        String cpus = cpuList(asked.getCpusetCpus(), "cpuset_cpus");
        String mems = cpuList(asked.getCpusetMems(), "cpuset_mems");
        return new OciSpec.Cpu(
                given(shares != 0, shares, "cpu", "cpu.shares"),
                given(quota != 0, quota, "cpu", "cpu.quota"),
                given(period != 0, period, "cpu", "cpu.period"),
                given(!cpus.isEmpty(), cpus, "cpuset", "cpu.cpus"),
                given(!mems.isEmpty(), mems, "cpuset", "cpu.mems"));
    }

    private List<OciSpec.HugepageLimit> hugepages(LinuxContainerResources asked) throws Refused {
        List<OciSpec.HugepageLimit> limits = List.empty();
        for (HugepageLimit limit : asked.getHugepageLimitsList()) {
            if (!limit.getPageSize().matches("[1-9][0-9]{0,8}(B|[KMGTP]B)")) {
                throw Refused.request("Expected page_size of a hugepage limit to read like 2MB, but it is \"%.20s\"", limit.getPageSize());
            }
            limits = limits.append(new OciSpec.HugepageLimit(limit.getPageSize(), limit.getLimit()));
        }
        return given(!limits.isEmpty(), limits, "hugetlb", "hugepageLimits").getOrElse(List.empty());
    }

    private Map<String, String> unified(LinuxContainerResources asked) throws Refused {
        Map<String, String> values = LinkedHashMap.empty();
        for (var entry : new java.util.TreeMap<>(asked.getUnifiedMap()).entrySet()) {
            if (!entry.getKey().matches("[a-z_]+(\\.[A-Za-z0-9_]+)+")) {
                throw Refused.request(
                        "Expected a key of unified to be a cgroup2 file like memory.high, but it is \"%.80s\"", entry.getKey());
            }
            values = values.put(entry.getKey(), ProcessText.noNul("unified " + entry.getKey(), entry.getValue()));
        }
        if (!values.isEmpty() && host.cgroups().layout() != CgroupLayout.UNIFIED) {
            clamps.add("unified", values.mkString(" "), Clamps.NOTHING,
                    "unified values are files of cgroup2, but this node's controllers are on v1");
            return LinkedHashMap.empty();
        }
        return values;
    }

    private <T> Option<T> given(boolean asked, T value, String controller, String subject) {
        if (asked && !host.cgroups().controllers().contains(controller)) {
            clamps.add("resources." + subject, value, Clamps.NOTHING, "this node has no cgroup controller " + controller);
            return Option.none();
        }
        return Option.when(asked, value);
    }

    private static long atLeast(long minimum, long value, String field) throws Refused {
        if (value < minimum) {
            throw Refused.request("Expected %s to be at least %d, but it is %d", field, minimum, value);
        }
        return value;
    }

    /** cpuset(7), "List format". */
    private static String cpuList(String list, String field) throws Refused {
        if (list.isEmpty() || list.length() <= 4096 && list.matches("[0-9]+(-[0-9]+)?(,[0-9]+(-[0-9]+)?)*")) {
            return list;
        }
        throw Refused.request("Expected %s to be a list like 0-3,7, but it is \"%.80s\"", field, list);
    }
}
