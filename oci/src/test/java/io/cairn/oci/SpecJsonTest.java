package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.KeyValue;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.SecurityProfile;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpecJsonTest {
    /** A web server as a kubelet would ask for it, on a cgroup2 node. */
    private static SpecRequest typical() {
        var config = container()
                .addArgs("--port=8080")
                .addEnvs(KeyValue.newBuilder().setKey("KUBERNETES_SERVICE_HOST").setValue("10.96.0.1"))
                .addMounts(Mount.newBuilder().setContainerPath("/etc/hosts").setHostPath("/var/lib/kubelet/pods/7a1c/etc-hosts"))
                .addMounts(Mount.newBuilder().setContainerPath("/data").setHostPath("/var/lib/kubelet/pods/7a1c/volumes/data")
                        .setReadonly(true))
                .putAnnotations("io.kubernetes.container.hash", "9a3f")
                .putAnnotations("run.oci.hooks.stderr", "/etc/shadow");
        var linux = config.getLinuxBuilder();
        linux.getResourcesBuilder().setCpuShares(102).setCpuPeriod(100_000).setCpuQuota(20_000).setMemoryLimitInBytes(134_217_728)
                .setOomScoreAdj(969);
        linux.getSecurityContextBuilder().setReadonlyRootfs(true).setNoNewPrivs(true).addSupplementalGroups(2000)
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.Unconfined))
                .addMaskedPaths("/proc/kcore").addReadonlyPaths("/proc/sys");
        linux.getSecurityContextBuilder().getCapabilitiesBuilder().addDropCapabilities("ALL").addAddCapabilities("NET_BIND_SERVICE");
        var image = new ImageConfig(List.of("PATH=/bin"), List.of("/bin/web"), List.of("--port=80"), Option.some("/srv"),
                Option.some("web"), Option.some("SIGQUIT"), LinkedHashMap.empty());
        return Fixtures.withImage(request(config), image).withPodFiles(new PodFiles(
                Option.some(Path.of("/run/cairn/pods/p1/resolv.conf")), Option.some(Path.of("/run/cairn/pods/p1/hostname")),
                Option.none(), Option.some(Path.of("/run/cairn/pods/p1/shm"))));
    }

    @Test
    void aTypicalContainerIsWrittenAsTheGoldenFileSays() throws Exception {
        try (var golden = SpecJsonTest.class.getResourceAsStream("typical.json")) {
            assertThat(golden).isNotNull();
            // Compared as text, so that the order counts and a difference shows its surroundings.
            assertThat(built(typical()).spec().toTree().toPrettyString())
                    .isEqualTo(new ObjectMapper().readTree(golden).toPrettyString());
        }
    }

    @Test
    void anyObjectMapperWritesTheSameTree() throws Exception {
        var spec = built(typical()).spec();
        var mapper = new ObjectMapper();
        assertThat(mapper.readTree(mapper.writeValueAsBytes(spec))).isEqualTo(mapper.readTree(spec.toJson()));
    }

    @Test
    void annotationsThatWouldBeOrdersAreLeftOutAndTold() {
        var result = built(typical());
        assertThat(result.spec().annotations().keySet()).contains("io.kubernetes.container.hash").doesNotContain("run.oci.hooks.stderr");
        assertThat(result.clamps().map(Clamp::asked)).containsExactly("run.oci.hooks.stderr");
        var named = request(container().setImage(ImageSpec.newBuilder().setImage("sha256:0f1e")));
        assertThat(built(named).spec().annotations().get("io.kubernetes.cri.image-name")).contains("sha256:0f1e");
    }

    @Test
    void whatIsWrittenIsReadBackTheSame() {
        var config = container().setTty(true);
        config.getLinuxBuilder().getSecurityContextBuilder()
                .setSeccomp(SecurityProfile.newBuilder().setProfileType(SecurityProfile.ProfileType.RuntimeDefault));
        config.getLinuxBuilder().getResourcesBuilder().putUnified("memory.high", "1").setMemoryLimitInBytes(1 << 30)
                .addHugepageLimitsBuilder().setPageSize("2MB").setLimit(-1);
        var host = Fixtures.node().with(new HostFacts.Security(true, io.vavr.collection.HashSet.of("cairn-default"), true, true));
        for (SpecRequest request : List.of(typical(), request(config, pod(), host), request(container()))) {
            OciSpec spec = built(request.withRlimits(List.of(new OciSpec.Rlimit("RLIMIT_NOFILE", 7, -1)))).spec();
            assertThat(OciSpec.parse(spec.toJson()).get()).isEqualTo(spec);
        }
    }

    @Test
    void theSameRequestGivesTheSameBytes() {
        assertThat(built(typical()).spec().toJson()).isEqualTo(built(typical()).spec().toJson());
    }

    @Test
    void aConfigOfAnotherMakerIsReadWithoutWhatIsNotKnown() {
        var spec = OciSpec.parse("""
                {"ociVersion":"1.2.0","process":{"args":["sh"],"cwd":"/","user":{"uid":1},"scheduler":{"policy":"x"}},
                 "root":{"path":"r"},"hooks":{},"linux":{"resources":{"pids":{"limit":5},"cpu":{"shares":5}},"seccomp":null}}"""
                .getBytes(StandardCharsets.UTF_8)).get();
        assertThat(spec.process().get().user().uid()).isEqualTo(1);
        assertThat(spec.linux().resources().cpu().shares()).contains(5L);
        assertThat(spec.linux().seccomp()).isEmpty();
    }

    @Test
    void aBrokenConfigIsRefusedWithTheNameOfTheField() {
        assertThat(parse("{\"process\":{\"args\":[1]}}").getLeft().message()).contains("config.process.args");
        assertThat(parse("{\"process\":[]}").getLeft().message()).contains("config.process");
        assertThat(parse("{\"mounts\":[{},{\"options\":\"ro\"}]}").getLeft().message()).contains("config.mounts[1].options");
        assertThat(parse("{\"process\":{\"oomScoreAdj\":1e40}}").getLeft().message()).contains("oomScoreAdj");
        assertThat(parse("{\"process\":{\"oomScoreAdj\":4294967296}}").getLeft().message()).contains("32 bits");
    }

    @Test
    void anyDamageIsRefusedOrReadButNeverThrown() {
        byte[] good = built(typical()).spec().toJson();
        long seed = System.nanoTime();
        var random = new Random(seed);
        int refused = 0;
        for (int round = 0; round < 3000; round++) {
            byte[] bad = good.clone();
            for (int i = random.nextInt(4); i >= 0; i--) {
                bad[random.nextInt(bad.length)] = (byte) "{}[]\",:0e-ntx\\".charAt(random.nextInt(14));
            }
            try {
                refused += OciSpec.parse(bad).isLeft() ? 1 : 0;
            } catch (RuntimeException e) {
                throw new AssertionError("seed %d round %d".formatted(seed, round), e);
            }
        }
        assertThat(refused).as("seed %d", seed).isPositive();
    }

    private static io.vavr.control.Either<SpecProblem, OciSpec> parse(String json) {
        return OciSpec.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anExecutedCommandHasTheContainersRightsAndItsOwnTerminal() {
        OciSpec stored = built(typical()).spec();
        var own = stored.process().get();
        var exec = ExecSpec.of(stored, List.of("ls", "-l"), true).get().process();
        assertThat(exec.args()).containsExactly("ls", "-l");
        assertThat(exec.terminal()).isTrue();
        assertThat(exec.env()).containsExactlyElementsOf(own.env().append("TERM=xterm"));
        assertThat(exec.user()).isEqualTo(own.user());
        assertThat(exec.capabilities()).isEqualTo(own.capabilities());
        assertThat(exec.noNewPrivileges()).isTrue();
        assertThat(exec.cwd()).isEqualTo("/srv");
        assertThat(exec.oomScoreAdj()).isEqualTo(own.oomScoreAdj());
        assertThat(ExecSpec.of(stored, List.of("ls"), false).get().process().env()).isEqualTo(own.env());
        assertThat(ExecSpec.of(stored, List.empty(), false).getLeft().message()).contains("command");
        assertThat(ExecSpec.of(stored, List.of("a\0"), false).getLeft().message()).contains("NUL");
        assertThat(ExecSpec.of(parse("{}").get(), List.of("ls"), false).getLeft().message()).contains("stored spec");
    }

    @Test
    void thePodsInitProcessHasNoRightsAndJoinsThePod() {
        var init = new InitSpec("p1", pod().build(), List.of("/init"), Path.of("init"),
                PodNamespaces.of(Fixtures.NET, Fixtures.IPC, Fixtures.UTS), CgroupDriver.CGROUPFS, Fixtures.node());
        var spec = init.build().get().spec();
        var process = spec.process().get();
        assertThat(process.user().uid()).isEqualTo(65_535);
        assertThat(process.capabilities().get()).isEqualTo(OciSpec.Capabilities.none());
        assertThat(process.noNewPrivileges()).isTrue();
        assertThat(process.oomScoreAdj()).contains(-998);
        assertThat(spec.root().readonly()).isTrue();
        assertThat(spec.linux().seccomp()).isNotEmpty();
        assertThat(spec.linux().cgroupsPath()).contains("/kubepods/burstable/pod7a1c/p1");
        assertThat(spec.linux().namespaces().map(OciSpec.Namespace::type)).containsExactly("mount", "pid", "network", "ipc", "uts");
        assertThat(spec.annotations().get("io.kubernetes.cri.container-type")).contains("sandbox");
        var none = new InitSpec("p1", pod().build(), List.empty(), Path.of("init"), PodNamespaces.none(), CgroupDriver.CGROUPFS,
                Fixtures.node());
        assertThat(none.build().getLeft().message()).contains("init process");
    }
}
