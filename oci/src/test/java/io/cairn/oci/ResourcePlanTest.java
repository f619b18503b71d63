package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.HugepageLimit;
import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ResourcePlanTest {
    private static final HostFacts V2 = Fixtures.node();
    private static final HostFacts HYBRID = V2.with(
            new HostFacts.Cgroups(CgroupLayout.HYBRID, HashSet.of("cpu", "cpuset", "memory", "pids", "devices"), false));

    private static LinuxContainerResources.Builder resources() {
        return LinuxContainerResources.newBuilder();
    }

    private static SpecRequest asking(LinuxContainerResources.Builder resources, HostFacts host) {
        var config = container();
        config.getLinuxBuilder().setResources(resources);
        return request(config, pod(), host);
    }

    private static OciSpec.Resources given(LinuxContainerResources.Builder asked) {
        return built(asking(asked, V2)).spec().linux().resources();
    }

    private static HostFacts daemon(int oomScoreAdj, boolean sysResource) {
        return V2.with(new HostFacts.Daemon(V2.daemon().boundingCapabilities(), oomScoreAdj, sysResource, HashMap.empty()));
    }

    private static int score(long asked, HostFacts host) {
        return built(asking(resources().setOomScoreAdj(asked), host)).spec().process().get().oomScoreAdj().get();
    }

    @Test
    void limitsAreHandedOnAndZeroMeansNotAsked() {
        var given = given(resources().setCpuShares(512).setCpuQuota(50_000).setCpuPeriod(100_000)
                .setCpusetCpus("0-3,7").setCpusetMems("0"));
        assertThat(given.cpu()).isEqualTo(new OciSpec.Cpu(
                Option.some(512L), Option.some(50_000L), Option.some(100_000L), Option.some("0-3,7"), Option.some("0")));
        assertThat(given.memory()).isEqualTo(OciSpec.Memory.none());
        assertThat(given(resources()).cpu()).isEqualTo(OciSpec.Cpu.none());
    }

    @Test
    void withoutASwapLimitAContainerDoesNotSwap() {
        assertThat(given(resources().setMemoryLimitInBytes(64 << 20)).memory())
                .isEqualTo(new OciSpec.Memory(Option.some(64L << 20), Option.some(64L << 20)));
        assertThat(given(resources().setMemoryLimitInBytes(64 << 20).setMemorySwapLimitInBytes(96 << 20)).memory().swap())
                .contains(96L << 20);
        assertThat(given(resources().setMemoryLimitInBytes(64 << 20).setMemorySwapLimitInBytes(-1)).memory().swap()).contains(-1L);
    }

    @Test
    void aSwapLimitIsLeftOutWhereSwapIsNotAccounted() {
        assertThat(built(asking(resources().setMemoryLimitInBytes(1 << 20), HYBRID)).clamps()).as("nobody asked for one").isEmpty();
        var result = built(asking(resources().setMemoryLimitInBytes(1 << 20).setMemorySwapLimitInBytes(2 << 20), HYBRID));
        assertThat(result.spec().linux().resources().memory()).isEqualTo(new OciSpec.Memory(Option.some(1L << 20), Option.none()));
        assertThat(result.clamps().map(Clamp::subject)).containsExactly("memory.swap");
    }

    @Test
    void hugepageLimitsAreDroppedWithAWordWhereTheControllerIsMissing() {
        var asked = resources().addHugepageLimits(HugepageLimit.newBuilder().setPageSize("2MB").setLimit(-1));
        assertThat(given(asked).hugepageLimits()).containsExactly(new OciSpec.HugepageLimit("2MB", -1));
        var result = built(asking(asked, HYBRID));
        assertThat(result.spec().linux().resources().hugepageLimits()).isEmpty();
        assertThat(result.clamps()).singleElement().satisfies(clamp -> {
            assertThat(clamp.subject()).isEqualTo("resources.hugepageLimits");
            assertThat(clamp.given()).isEqualTo("nothing");
            assertThat(clamp.why()).contains("hugetlb");
        });
        assertThat(refused(asking(resources().addHugepageLimits(HugepageLimit.newBuilder().setPageSize("../x")), V2)).message())
                .contains("../x");
    }

    @Test
    void anUnsignedLimitIsWrittenUnsigned() {
        var asked = resources().addHugepageLimits(HugepageLimit.newBuilder().setPageSize("1GB").setLimit(-1));
        assertThat(new String(built(asking(asked, V2)).spec().toJson(), StandardCharsets.UTF_8)).contains("18446744073709551615");
    }

    @Test
    void unifiedValuesAreForCgroup2Alone() {
        var asked = resources().putUnified("memory.oom.group", "1").putUnified("memory.high", "1000");
        assertThat(given(asked).unified().toJavaMap()).containsExactly(
                java.util.Map.entry("memory.high", "1000"), java.util.Map.entry("memory.oom.group", "1"));
        var result = built(asking(asked, HYBRID));
        assertThat(result.spec().linux().resources().unified()).isEmpty();
        assertThat(result.clamps().map(Clamp::subject)).containsExactly("unified");
        for (String key : List.of("../memory.max", "memory/max", "memory", "", ".high")) {
            assertThat(refused(asking(resources().putUnified(key, "1"), V2)).message()).as(key).contains("unified");
        }
    }

    @Test
    void limitsThatMakeNoSenseAreRefused() {
        for (var asked : List.of(
                resources().setCpuShares(-1),
                resources().setCpuQuota(-2),
                resources().setCpuPeriod(-1),
                resources().setCpusetCpus("0;1"),
                resources().setCpusetMems("1-"),
                resources().setMemoryLimitInBytes(-2),
                resources().setMemoryLimitInBytes(2 << 20).setMemorySwapLimitInBytes(1 << 20),
                resources().setOomScoreAdj(1001),
                resources().setOomScoreAdj(-1001))) {
            assertThat(refused(asking(asked, V2))).as(asked.toString()).isInstanceOf(SpecProblem.InvalidRequest.class);
        }
    }

    @Test
    void anOomScoreIsClampedOnlyWhereTheDaemonMayNotLowerIt() {
        assertThat(score(-997, daemon(0, true))).isEqualTo(-997);
        assertThat(score(-997, daemon(0, false))).isEqualTo(0);
        assertThat(score(-997, daemon(-999, false))).isEqualTo(-997);
        assertThat(score(0, daemon(-999, true))).as("never the daemon's own").isEqualTo(0);
        assertThat(score(0, daemon(500, false))).isEqualTo(500);
        assertThat(score(1000, daemon(500, false))).isEqualTo(1000);
        var clamp = built(asking(resources().setOomScoreAdj(-997), daemon(-5, false))).clamps().single();
        assertThat(clamp.subject()).isEqualTo("process.oomScoreAdj");
        assertThat(clamp.asked()).isEqualTo("-997");
        assertThat(clamp.given()).isEqualTo("-5");
        assertThat(clamp.why()).contains("CAP_SYS_RESOURCE");
        assertThat(built(asking(resources().setOomScoreAdj(-997), daemon(-999, false))).clamps()).isEmpty();
    }

    @Test
    void theCgroupIsWhereItsDriverWantsIt() {
        assertThat(cgroup("/kubepods/besteffort/pod1", CgroupDriver.CGROUPFS)).isEqualTo("/kubepods/besteffort/pod1/c1");
        assertThat(cgroup("kubepods/", CgroupDriver.CGROUPFS)).isEqualTo("/kubepods/c1");
        assertThat(cgroup("", CgroupDriver.CGROUPFS)).isEqualTo("/cairn/c1");
        assertThat(cgroup("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice", CgroupDriver.SYSTEMD))
                .isEqualTo("kubepods-burstable-pod1.slice:cairn:c1");
        assertThat(cgroup("", CgroupDriver.SYSTEMD)).isEqualTo("system.slice:cairn:c1");
        assertThat(refused(onCgroup("/kubepods/pod1", CgroupDriver.SYSTEMD)).message()).contains("slice").contains("same cgroup driver");
        assertThat(refused(onCgroup("/kubepods/../pod1", CgroupDriver.CGROUPFS)).message()).contains("climb");
    }

    private static SpecRequest onCgroup(String parent, CgroupDriver driver) {
        var pod = pod();
        pod.getLinuxBuilder().setCgroupParent(parent);
        return SpecRequest.of("c1", "p1", container().build(), pod.build(), Fixtures.image(), java.nio.file.Path.of("rootfs"),
                PodNamespaces.of(Fixtures.NET, Fixtures.IPC, Fixtures.UTS), driver, V2);
    }

    private static String cgroup(String parent, CgroupDriver driver) {
        return built(onCgroup(parent, driver)).spec().linux().cgroupsPath().get();
    }

    @Test
    void resourceLimitsAreLoweredToWhatTheDaemonMaySet() {
        var asked = List.of(new OciSpec.Rlimit("RLIMIT_NOFILE", 2000, -1), new OciSpec.Rlimit("RLIMIT_CORE", 0, 0));
        assertThat(built(asking(resources(), V2).withRlimits(asked)).spec().process().get().rlimits()).isEqualTo(asked);
        var host = V2.with(new HostFacts.Daemon(V2.daemon().boundingCapabilities(), 0, false, HashMap.of("RLIMIT_NOFILE", 1024L)));
        var result = built(asking(resources(), host).withRlimits(asked));
        assertThat(result.spec().process().get().rlimits()).containsExactly(new OciSpec.Rlimit("RLIMIT_NOFILE", 1024, 1024), asked.last());
        assertThat(result.clamps().map(Clamp::subject)).containsExactly("process.rlimits.RLIMIT_NOFILE");
        assertThat(refused(asking(resources(), V2).withRlimits(List.of(new OciSpec.Rlimit("NOFILE", 1, 1)))).message()).contains("NOFILE");
        assertThat(refused(asking(resources(), V2).withRlimits(List.of(new OciSpec.Rlimit("RLIMIT_CORE", -1, 1)))).message())
                .contains("18446744073709551615");
    }

    @Test
    void anUpdateHoldsWhatIsAskedAndNothingElse() {
        var update = ResourceUpdate.of(resources().setMemoryLimitInBytes(1 << 20).setOomScoreAdj(-5).build(), HYBRID).get();
        assertThat(new String(update.toJson(), StandardCharsets.UTF_8).replaceAll("\\s", "")).isEqualTo("{\"memory\":{\"limit\":1048576}}");
        assertThat(new String(ResourceUpdate.of(resources().build(), V2).get().toJson(), StandardCharsets.UTF_8).strip()).isEqualTo("{ }");
        assertThat(ResourceUpdate.of(resources().setCpuShares(-1).build(), V2).getLeft().message()).contains("cpu_shares");
    }
}
