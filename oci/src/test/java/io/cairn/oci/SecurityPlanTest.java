package io.cairn.oci;

import static io.cairn.oci.Fixtures.built;
import static io.cairn.oci.Fixtures.container;
import static io.cairn.oci.Fixtures.pod;
import static io.cairn.oci.Fixtures.refused;
import static io.cairn.oci.Fixtures.request;
import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.SELinuxOption;
import io.cairn.proto.cri.SecurityProfile;
import io.cairn.proto.cri.SecurityProfile.ProfileType;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class SecurityPlanTest {
    private static final HostFacts APPARMOR = Fixtures.node()
            .with(new HostFacts.Security(true, HashSet.of("cairn-default", "tight", "with (mode) name"), false, true));
    private static final HostFacts SELINUX = Fixtures.node().with(new HostFacts.Security(false, HashSet.empty(), true, true));

    private static SpecRequest with(HostFacts host, Consumer<LinuxContainerSecurityContext.Builder> change) {
        var config = container();
        change.accept(config.getLinuxBuilder().getSecurityContextBuilder());
        var pod = pod();
        pod.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
        return request(config, pod, host);
    }

    private static SpecRequest with(Consumer<LinuxContainerSecurityContext.Builder> change) {
        return with(Fixtures.node(), change);
    }

    private static SecurityProfile profile(ProfileType type, String reference) {
        return SecurityProfile.newBuilder().setProfileType(type).setLocalhostRef(reference).build();
    }

    private static Option<OciSpec.Seccomp> seccomp(SpecRequest request) {
        return built(request).spec().linux().seccomp();
    }

    private static Option<String> apparmor(SpecRequest request) {
        return built(request).spec().process().get().apparmorProfile();
    }

    private static SpecRequest localhostRequest(String json) {
        return with(c -> c.setSeccomp(profile(ProfileType.Localhost, "/p.json"))).withSeccompProfile(json.getBytes(StandardCharsets.UTF_8));
    }

    private static Option<OciSpec.Seccomp> localhost(String json) {
        return seccomp(localhostRequest(json));
    }

    private static SpecProblem badLocalhost(String json) {
        return refused(localhostRequest(json));
    }

    private static boolean allows(OciSpec.Seccomp seccomp, String name) {
        return seccomp.syscalls().exists(s -> s.action().equals("SCMP_ACT_ALLOW") && s.args().isEmpty() && s.names().contains(name));
    }

    @Test
    void seccompIsOffUnlessAskedAndForThePrivileged() {
        assertThat(seccomp(with(c -> {}))).isEmpty();
        assertThat(seccomp(with(c -> c.setSeccomp(profile(ProfileType.Unconfined, ""))))).isEmpty();
        assertThat(seccomp(with(c -> c.setPrivileged(true).setSeccomp(profile(ProfileType.RuntimeDefault, ""))))).isEmpty();
        assertThat(seccomp(with(c -> c.setPrivileged(true).setSeccomp(profile(ProfileType.Localhost, "/absent"))))).isEmpty();
        assertThat(seccomp(with(c -> c.setSeccomp(profile(ProfileType.RuntimeDefault, ""))))).isNotEmpty();
    }

    @Test
    void theDeprecatedTextsMeanTheSame() {
        assertThat(seccomp(with(c -> c.setSeccompProfilePath("runtime/default")))).isNotEmpty();
        assertThat(seccomp(with(c -> c.setSeccompProfilePath("docker/default")))).isNotEmpty();
        assertThat(seccomp(with(c -> c.setSeccompProfilePath("unconfined")))).isEmpty();
        assertThat(seccomp(with(c -> c.setSeccompProfilePath("runtime/default").setSeccomp(profile(ProfileType.Unconfined, "")))))
                .as("the new field wins").isEmpty();
        assertThat(refused(with(c -> c.setSeccompProfilePath("localhost/x.json"))).message())
                .contains("x.json").contains("could not be read");
        assertThat(refused(with(c -> c.setSeccompProfilePath("default"))).message()).contains("seccomp_profile_path");
    }

    @Test
    void theDefaultProfileOpensWithTheContainersCapabilities() {
        var plain = seccomp(with(c -> c.setSeccomp(profile(ProfileType.RuntimeDefault, "")))).get();
        assertThat(plain.defaultAction()).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(plain.architectures()).containsExactly("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
        for (String allowed : List.of("read", "openat2", "futex", "arch_prctl", "chroot", "seccomp", "clock_gettime64")) {
            assertThat(allows(plain, allowed)).as(allowed).isTrue();
        }
        for (String denied : List.of("mount", "unshare", "setns", "clone", "clone3", "socket", "bpf", "keyctl", "io_uring_setup",
                "kexec_load", "init_module", "open_by_handle_at", "personality", "userfaultfd", "reboot", "swapon", "set_tls")) {
            assertThat(allows(plain, denied)).as(denied).isFalse();
        }
        assertThat(plain.syscalls().filter(s -> s.names().contains("clone")).single().args())
                .containsExactly(new OciSpec.SyscallArg(0, 0x7e020000L, 0, "SCMP_CMP_MASKED_EQ"));
        assertThat(plain.syscalls().filter(s -> s.names().contains("clone3")).single().errnoRet()).contains(38L);

        var admin = seccomp(with(c -> {
            c.getCapabilitiesBuilder().addAddCapabilities("SYS_ADMIN").addDropCapabilities("SYS_CHROOT");
            c.setSeccomp(profile(ProfileType.RuntimeDefault, ""));
        })).get();
        for (String allowed : List.of("mount", "unshare", "clone", "clone3", "setns")) {
            assertThat(allows(admin, allowed)).as(allowed).isTrue();
        }
        assertThat(allows(admin, "chroot")).isFalse();
        assertThat(admin.syscalls().filter(s -> s.names().contains("clone3"))).as("no rule against it").hasSize(1);
    }

    @Test
    void theDefaultProfileKnowsTwoArchitectures() throws Exception {
        var arm = SeccompDefault.profile("aarch64", List.empty());
        assertThat(arm.architectures()).containsExactly("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
        assertThat(allows(arm, "set_tls")).isTrue();
        assertThat(allows(arm, "arch_prctl")).isFalse();
        assertThat(Refused.catching(() -> SeccompDefault.profile("s390x", List.empty())).getLeft())
                .isInstanceOf(SpecProblem.HostLacks.class)
                .extracting(SpecProblem::message).asString().contains("s390x");
    }

    @Test
    void withoutSeccompInTheKernelAFilterThatIsAskedIsRefused() {
        var host = Fixtures.node().with(new HostFacts.Security(false, HashSet.empty(), false, false));
        assertThat(refused(with(host, c -> c.setSeccomp(profile(ProfileType.RuntimeDefault, "")))))
                .isInstanceOf(SpecProblem.HostLacks.class);
        assertThat(seccomp(with(host, c -> {}))).isEmpty();
    }

    @Test
    void theFileOfALocalhostProfileIsNamedForWhoReadsIt() {
        assertThat(file(c -> c.setSeccomp(profile(ProfileType.Localhost, "/var/p.json"))).get()).contains(Path.of("/var/p.json"));
        assertThat(file(c -> c.setSeccompProfilePath("localhost//var/p.json")).get()).contains(Path.of("/var/p.json"));
        assertThat(file(c -> c.setSeccomp(profile(ProfileType.RuntimeDefault, "/var/p.json"))).get()).isEmpty();
        assertThat(file(c -> c.setPrivileged(true).setSeccomp(profile(ProfileType.Localhost, "/var/p.json"))).get()).isEmpty();
        assertThat(file(c -> c.setSeccomp(profile(ProfileType.Localhost, "p.json"))).getLeft().message()).contains("p.json");
    }

    private static Either<SpecProblem, Option<Path>> file(Consumer<LinuxContainerSecurityContext.Builder> change) {
        return SpecRequest.seccompFile(with(change).config());
    }

    @Test
    void aLocalhostProfileIsReadInTheFormatOfTheSpecification() {
        var profile = localhost("""
                {"defaultAction":"SCMP_ACT_ALLOW","architectures":["SCMP_ARCH_X86_64"],"flags":["SECCOMP_FILTER_FLAG_LOG"],
                 "syscalls":[{"names":["chmod","fchmodat"],"action":"SCMP_ACT_ERRNO","errnoRet":13,
                  "args":[{"index":1,"value":18446744073709551615,"op":"SCMP_CMP_GE"}],"unknown":[1]}]}""").get();
        assertThat(profile).isEqualTo(new OciSpec.Seccomp("SCMP_ACT_ALLOW", Option.none(), List.of("SCMP_ARCH_X86_64"),
                List.of("SECCOMP_FILTER_FLAG_LOG"), List.of(new OciSpec.Syscall(List.of("chmod", "fchmodat"), "SCMP_ACT_ERRNO",
                        Option.some(13L), List.of(new OciSpec.SyscallArg(1, -1, 0, "SCMP_CMP_GE"))))));
    }

    @Test
    void aLocalhostProfileInDockersFormatIsResolvedForThisNodeAndContainer() {
        var profile = localhost("""
                {"defaultAction":"SCMP_ACT_ERRNO","archMap":[{"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]},
                  {"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]}],
                 "syscalls":[
                  {"name":"one","action":"SCMP_ACT_ALLOW"},
                  {"names":["two"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_KILL"],"arches":["amd64"],"minKernel":"4.8"}},
                  {"names":["three"],"action":"SCMP_ACT_ALLOW","includes":{"caps":["CAP_SYS_ADMIN"]}},
                  {"names":["four"],"action":"SCMP_ACT_ALLOW","excludes":{"caps":["CAP_SYS_ADMIN"]}},
                  {"names":["five"],"action":"SCMP_ACT_ALLOW","includes":{"minKernel":"99.0"}},
                  {"names":["six"],"action":"SCMP_ACT_ALLOW","excludes":{"arches":["amd64"]}},
                  {"names":["seven"],"action":"SCMP_ACT_ALLOW","args":null,"comment":"","includes":{},"excludes":{}}]}""").get();
        assertThat(profile.architectures()).containsExactly("SCMP_ARCH_X86_64", "SCMP_ARCH_X86");
        assertThat(profile.syscalls().flatMap(OciSpec.Syscall::names)).containsExactly("one", "two", "four", "seven");
    }

    @Test
    void aLocalhostProfileThatIsWrongIsToldByFileAndPlace() {
        assertThat(badLocalhost("{").message()).contains("/p.json").contains("JSON");
        assertThat(badLocalhost("[]").message()).contains("object");
        assertThat(badLocalhost("{}").message()).contains("defaultAction");
        assertThat(badLocalhost("{\"defaultAction\":\"ALLOW\"}").message()).contains("ALLOW").contains("SCMP_ACT_ALLOW");
        assertThat(badLocalhost("{\"defaultAction\":\"SCMP_ACT_NOTIFY\"}")).isInstanceOf(SpecProblem.HostLacks.class);
        assertThat(inRule("\"names\":[]").message()).contains("syscalls[0]");
        assertThat(inRule("\"names\":[\"a b\"]").message()).contains("a b");
        assertThat(inRule("\"names\":[\"a\"],\"errnoRet\":4096").message()).contains("4095");
        assertThat(inRule("\"names\":[\"a\"],\"args\":[{\"index\":6,\"op\":\"SCMP_CMP_EQ\"}]").message()).contains("6");
        assertThat(inRule("\"names\":[\"a\"],\"args\":[{\"index\":0,\"op\":\"EQ\"}]").message()).contains("EQ");
        assertThat(inRule("\"names\":[\"a\"],\"args\":[{\"index\":0,\"value\":-1,\"op\":\"SCMP_CMP_EQ\"}]").message()).contains("2^64-1");
        assertThat(inRule("\"names\":[\"a\"],\"includes\":{\"minKernel\":\"new\"}").message()).contains("minKernel");
        assertThat(badLocalhost("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"architectures\":[\"x86\"]}").message()).contains("x86");
        assertThat(badLocalhost("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":[\"X\"]}").message()).contains("X");
        assertThat(badLocalhost("{\"a\":".repeat(100)).message()).contains("/p.json");
        assertThat(badLocalhost(" ".repeat(Json.MAX_BYTES + 1)).message()).contains(Integer.toString(Json.MAX_BYTES));
    }

    private static SpecProblem inRule(String fields) {
        return badLocalhost("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[{%s,\"action\":\"SCMP_ACT_ERRNO\"}]}".formatted(fields));
    }

    @Test
    void apparmorIsGivenWhereTheKernelHasIt() {
        assertThat(apparmor(with(APPARMOR, c -> {}))).contains("cairn-default");
        assertThat(apparmor(with(APPARMOR, c -> c.setPrivileged(true)))).isEmpty();
        assertThat(apparmor(with(APPARMOR, c -> c.setApparmor(profile(ProfileType.Unconfined, ""))))).isEmpty();
        assertThat(apparmor(with(APPARMOR, c -> c.setApparmor(profile(ProfileType.Localhost, "tight"))))).contains("tight");
        assertThat(apparmor(with(APPARMOR, c -> c.setApparmorProfile("localhost/tight")))).contains("tight");
        assertThat(apparmor(with(APPARMOR, c -> c.setApparmorProfile("unconfined")))).isEmpty();
        assertThat(refused(with(APPARMOR, c -> c.setApparmor(profile(ProfileType.Localhost, "loose")))).message())
                .contains("apparmor_parser");
        assertThat(refused(with(APPARMOR, c -> c.setApparmorProfile("tight"))).message()).contains("apparmor_profile");
    }

    @Test
    void theDefaultProfileThatCouldNotBeLoadedIsAProblemForWhoAsksForIt() {
        HostFacts without = APPARMOR.with(new HostFacts.Security(true, HashSet.empty(), false, true));
        assertThat(apparmor(with(without, c -> {}))).isEmpty();
        assertThat(refused(with(without, c -> c.setApparmor(profile(ProfileType.RuntimeDefault, ""))))).isInstanceOf(SpecProblem.HostLacks.class);
        assertThat(refused(with(without, c -> c.setApparmorProfile("runtime/default"))).message()).contains("cairn-default", "apparmor_parser");
    }

    @Test
    void withoutApparmorOnlyAProfileByNameIsAProblem() {
        assertThat(apparmor(with(c -> {}))).isEmpty();
        assertThat(apparmor(with(c -> c.setApparmor(profile(ProfileType.RuntimeDefault, ""))))).isEmpty();
        assertThat(refused(with(c -> c.setApparmor(profile(ProfileType.Localhost, "tight"))))).isInstanceOf(SpecProblem.HostLacks.class)
                .extracting(SpecProblem::message).asString().contains("tight").contains("not enabled");
    }

    @Test
    void selinuxLabelsAreCompletedAndStayThePodsOwn() {
        var spec = built(with(SELINUX, c -> {})).spec();
        String label = spec.process().get().selinuxLabel().get();
        assertThat(label).matches("system_u:system_r:container_t:s0:c\\d+,c\\d+");
        assertThat(spec.linux().mountLabel()).contains(label.replace("system_r:container_t", "object_r:container_file_t"));
        assertThat(built(with(SELINUX, c -> {})).spec().process().get().selinuxLabel()).contains(label);
        var asked = SELinuxOption.newBuilder().setType("web_t").setLevel("s0:c1,c2");
        assertThat(built(with(SELINUX, c -> c.setSelinuxOptions(asked))).spec().process().get().selinuxLabel())
                .contains("system_u:system_r:web_t:s0:c1,c2");
        assertThat(built(with(SELINUX, c -> c.setPrivileged(true))).spec().process().get().selinuxLabel())
                .contains("system_u:system_r:spc_t:s0");
        assertThat(refused(with(SELINUX, c -> c.setSelinuxOptions(SELinuxOption.newBuilder().setType("a:b")))).message()).contains("a:b");
        var ofPod = pod();
        ofPod.getLinuxBuilder().getSecurityContextBuilder().setSelinuxOptions(asked);
        assertThat(built(request(container(), ofPod, SELINUX)).spec().process().get().selinuxLabel())
                .contains("system_u:system_r:web_t:s0:c1,c2");
        var without = built(with(c -> c.setSelinuxOptions(asked)));
        assertThat(without.spec().process().get().selinuxLabel()).isEmpty();
        assertThat(without.clamps().map(Clamp::subject)).containsExactly("process.selinuxLabel");
    }

    @Test
    void everyPodHasTwoDifferentCategoriesThatRarelyAreAnothers() {
        var seen = new java.util.HashSet<String>();
        boolean first = false;
        boolean last = false;
        for (int i = 0; i < 20_000; i++) {
            String level = SelinuxLabels.ownCategories("pod-" + i);
            assertThat(level).matches("s0:c\\d+,c\\d+");
            String[] pair = level.substring("s0:c".length()).split(",c");
            int low = Integer.parseInt(pair[0]);
            int high = Integer.parseInt(pair[1]);
            assertThat(low).as(level).isBetween(0, high - 1);
            assertThat(high).as(level).isLessThan(1024);
            first |= low == 0;
            last |= high == 1023 && low > 1000;
            seen.add(level);
        }
        assertThat(first && last).as("the whole range is used").isTrue();
        assertThat(seen).as("as few collisions as chance allows").hasSizeGreaterThan(19_000);
    }

    @Test
    void thePodsInitProcessIsConfinedLikeItsContainers() {
        assertThat(init(SELINUX).spec().process().get().selinuxLabel())
                .isEqualTo(built(with(SELINUX, c -> {})).spec().process().get().selinuxLabel());
        assertThat(init(APPARMOR).spec().process().get().apparmorProfile()).contains("cairn-default");
    }

    private static BuiltSpec init(HostFacts host) {
        var init = new InitSpec(
                "p1", pod().build(), List.of("/init"), Path.of("init"), PodNamespaces.none(), CgroupDriver.CGROUPFS, host);
        return init.build().get();
    }

    @Test
    void maskedAndReadonlyPathsAreExactlyThoseAsked() {
        var linux = built(with(c -> c.addMaskedPaths("/proc/kcore").addReadonlyPaths("/proc/sys/").setNoNewPrivs(true))).spec();
        assertThat(linux.linux().maskedPaths()).containsExactly("/proc/kcore");
        assertThat(linux.linux().readonlyPaths()).containsExactly("/proc/sys");
        assertThat(linux.process().get().noNewPrivileges()).isTrue();
        assertThat(built(with(c -> {})).spec().linux().maskedPaths()).isEmpty();
        assertThat(built(with(c -> c.setPrivileged(true).addMaskedPaths("/proc/kcore"))).spec().linux().maskedPaths()).isEmpty();
        assertThat(refused(with(c -> c.addReadonlyPaths("proc"))).message()).contains("readonly_paths");
        assertThat(refused(with(c -> c.addMaskedPaths("/proc/../etc"))).message()).contains("masked_paths");
    }
}
