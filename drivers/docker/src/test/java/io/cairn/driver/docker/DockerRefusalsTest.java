package io.cairn.driver.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.DriverFixture;
import io.cairn.proto.cri.Capability;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.LinuxContainerConfig;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.UserNamespace;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the engine cannot do is refused with its version, and nothing is made. */
class DockerRefusalsTest extends DriverFixture {
    @RegisterExtension
    private final TestEngine engine = new TestEngine(true);

    @Override
    protected Driver open(Path directory) throws Exception {
        return engine.open(directory);
    }

    private void assertRefused(ContainerSpec spec, String what) throws Exception {
        var failure = catchThrowableOfType(DriverException.class, () -> driver.createContainer(spec));
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
        assertThat(failure).hasMessageContaining(what).hasMessageContaining("docker " + version());
        assertThat(driver.probeContainer(spec.id())).isEqualTo(new ContainerProbe.Absent());
        assertThat(driver.inventory().containers()).isEmpty();
    }

    private String version() throws Exception {
        return engine.docker().get("/version").path("Version").asText();
    }

    private static UnaryOperator<ContainerConfig.Builder> with(Mount.Builder mount) {
        return config -> shell("exit 0").apply(config).addMounts(mount.setContainerPath("/there"));
    }

    private static UnaryOperator<ContainerConfig.Builder> with(LinuxContainerSecurityContext.Builder context) {
        return config -> shell("exit 0").apply(config).setLinux(LinuxContainerConfig.newBuilder().setSecurityContext(context));
    }

    @Test
    void aPodWithUsersOfItsOwn() throws Exception {
        var mapping = IDMapping.newBuilder().setHostId(1 << 20).setLength(1 << 16);
        SandboxSpec pod = podSpec(n -> n.setUsernsOptions(UserNamespace.newBuilder().setMode(NamespaceMode.POD).addUids(mapping).addGids(mapping)));
        var failure = catchThrowableOfType(DriverException.class, () -> driver.prepareSandbox(pod));
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNSUPPORTED);
        assertThat(failure).hasMessageContaining("user namespace").hasMessageContaining("docker " + version());
        assertThat(driver.probeSandbox(pod.id())).isEqualTo(new SandboxProbe.Absent());
        assertThat(driver.features("").userNamespaces()).isFalse();
    }

    @Test
    void mountsThatItHasNoWordFor() throws Exception {
        SandboxSpec pod = pod();
        assertRefused(containerSpec(pod, with(Mount.newBuilder().setImage(ImageSpec.newBuilder().setImage("volume").setImageRef(imageId)).setReadonly(true))),
                "mount an image as a volume");
        var mapping = IDMapping.newBuilder().setHostId(1 << 20).setLength(1 << 16);
        assertRefused(containerSpec(pod, with(Mount.newBuilder().setHostPath(shared().toString()).addUidMappings(mapping).addGidMappings(mapping))),
                "map the owners");
    }

    @Test
    void capabilitiesThatItHasNoWordFor() throws Exception {
        SandboxSpec pod = pod();
        assertRefused(containerSpec(pod, with(LinuxContainerSecurityContext.newBuilder().setCapabilities(
                Capability.newBuilder().addAddAmbientCapabilities("NET_BIND_SERVICE")))), "ambient capabilities (CAP_NET_BIND_SERVICE)");
        ContainerSpec younger = containerSpec(pod, with(LinuxContainerSecurityContext.newBuilder().setCapabilities(
                Capability.newBuilder().addAddCapabilities("PERFMON"))));
        if (engine.docker().get("/version").path("ApiVersion").asText().equals("1.41")) {
            assertRefused(younger, "CAP_PERFMON");
        } else {
            assertThat(driver.createContainer(younger).clamps()).noneMatch(words -> words.contains("CAP_PERFMON"));
        }
    }

    @Test
    void pathsAreMaskedAndReadOnlyAsAskedAndNoOthers() throws Exception {
        SandboxSpec pod = pod();
        String id = run(pod, config -> with(LinuxContainerSecurityContext.newBuilder().addMaskedPaths("/bin/plain").addReadonlyPaths("/data"))
                .apply(config).clearCommand().clearArgs().addCommand("sleep").addArgs("1000"));
        assertThat(output(id, "cat", "/bin/plain")).isEmpty();
        assertThat(exec(id, "sh", "-c", "/bin/plain").exitCode()).isEqualTo(126);
        assertThat(exec(id, "touch", "/data/file").exitCode()).isNotZero();
        assertThat(output(id, "cat", "/proc/self/mountinfo")).contains(" /bin/plain ", " /data ").doesNotContain(" /proc/kcore ", " /proc/sys ");
    }

    @Test
    void aCheckpoint() throws Exception {
        ContainerSpec spec = containerSpec(pod(), shell("exit 0"));
        assertRefused(new ContainerSpec(spec.id(), spec.sandbox(), spec.config(), spec.imageId(), Option.some("/archive.tar")), "from a checkpoint");
    }

    @Test
    void aPrivilegedContainerMayWhatThisHostAllows() throws Exception {
        SandboxSpec pod = podSpec(n -> n, config -> {
            config.getLinuxBuilder().getSecurityContextBuilder().setPrivileged(true);
            return config;
        });
        driver.prepareSandbox(pod);
        String id = run(pod, config -> with(LinuxContainerSecurityContext.newBuilder().setPrivileged(true)).apply(config)
                .clearCommand().clearArgs().addCommand("sleep").addArgs("1000"));
        String own = Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("CapBnd:")).findFirst().orElseThrow();
        String theirs = output(id, "cat", "/proc/1/status").lines().filter(l -> l.startsWith("CapBnd:")).findFirst().orElseThrow();
        long lacking = Long.parseUnsignedLong(own.substring(7).strip(), 16) & ~Long.parseUnsignedLong(theirs.substring(7).strip(), 16);
        // PERFMON, BPF and CHECKPOINT_RESTORE are not known to engines of 20.10.
        assertThat(lacking & ~(7L << 38)).isZero();
        assertThat(output(id, "cat", "/proc/1/status")).containsPattern("Seccomp:\\s+0");
    }
}
