package io.cairn.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.docker.engine.ApiVersion;
import io.cairn.oci.OciSpec;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.SecurityProfile;
import io.cairn.proto.cri.SecurityProfile.ProfileType;
import io.cairn.proto.journal.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** What of a spec the engine has no word for. */
class RefusalsTest {
    private static final Refusals ENGINE = new Refusals("20.10.24", new ApiVersion(1, 41));

    private static ContainerSpec asked(ContainerConfig.Builder config) {
        return new ContainerSpec("c", new SandboxSpec("p", PodSandboxConfig.getDefaultInstance(), ""), config.build(), "sha256:1");
    }

    private static OciSpec spec(String members, String linux) {
        return OciSpec.parse("""
                {"ociVersion": "1.0.2", "root": {"path": "/"}, "process": {"user": {"uid": 0, "gid": 0}, "args": ["x"], "cwd": "/"}, %s "linux": {%s}}"""
                .formatted(members, linux).getBytes(StandardCharsets.UTF_8)).get();
    }

    private static void assertRefused(OciSpec spec, String what) {
        var failure = catchThrowableOfType(DriverException.class, () -> ENGINE.check(asked(ContainerConfig.newBuilder()), spec));
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
        assertThat(failure).hasMessageContaining("docker 20.10.24 cannot").hasMessageContaining(what);
    }

    @Test
    void limitsThatItCannotSetAreRefused() {
        assertRefused(spec("", "\"resources\": {\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 2097152}]}"), "huge pages of a single container (2MB)");
        assertRefused(spec("", "\"resources\": {\"unified\": {\"memory.high\": \"1000000\"}}"), "memory.high");
    }

    @Test
    void whatAKubeletSendsWithEveryContainerIsLeftOutAndTold() throws Exception {
        OciSpec spec = spec("", "\"resources\": {\"hugepageLimits\": [{\"pageSize\": \"2MB\", \"limit\": 0}], \"unified\": {\"memory.oom.group\": \"1\"}}");
        ENGINE.check(asked(ContainerConfig.newBuilder()), spec);
        assertThat(ENGINE.leftOut(spec)).hasSize(2).anyMatch(words -> words.contains("memory.oom.group")).anyMatch(words -> words.contains("hugepageLimits"));
        assertThat(ENGINE.leftOut(spec("", ""))).isEmpty();
    }

    @Test
    void hooksAreRefused() {
        assertRefused(spec("\"hooks\": {\"createRuntime\": [{\"path\": \"/bin/true\"}]},", ""), "hooks of CDI devices (createRuntime)");
    }

    @Test
    void aFilterWithReturnCodesOfItsOwnIsRefusedUnlessTheEnginesOwnIsUsed() throws Exception {
        OciSpec spec = spec("", """
                "seccomp": {"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["chmod"], "action": "SCMP_ACT_ERRNO", "errnoRet": 5}]}""");
        assertRefused(spec, "return codes");
        var config = ContainerConfig.newBuilder();
        config.getLinuxBuilder().getSecurityContextBuilder().setSeccomp(SecurityProfile.newBuilder().setProfileType(ProfileType.RuntimeDefault));
        ENGINE.check(asked(config), spec);
        new Refusals("25.0.0", new ApiVersion(1, 44)).check(asked(ContainerConfig.newBuilder()), spec);
    }
}
