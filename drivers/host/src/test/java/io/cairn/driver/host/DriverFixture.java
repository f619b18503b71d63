package io.cairn.driver.host;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.PullObserver;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerMetadata;
import io.cairn.proto.cri.LinuxPodSandboxConfig;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxMetadata;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** A driver with an image, and pods and containers that are gone, without a trace, after each test. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
public abstract class DriverFixture {
    protected Path dir;
    protected Driver driver;
    protected Exited exited;
    protected Host host;
    protected String imageId;
    protected TestRegistry registry;

    private final List<String> pods = new ArrayList<>();
    private final List<String> containers = new ArrayList<>();

    /** Opens the driver under test on this directory; called again after {@code close} it stands for the next start of the daemon. */
    protected abstract Driver open(Path directory) throws Exception;

    /** The settings that are the same for every driver, for pods below this directory. */
    public static Map<String, String> hostSettings(Path directory) {
        return HashMap.of("boot_id_file", "/proc/sys/kernel/random/boot_id", "images.certs_dirs", "", "images.max_parallel_layers", "3",
                "images.stall_timeout", "10s", "images.verifier_dir", "off", "images.max_verifiers", "10", "images.verifier_timeout", "10s",
                "devices.cdi_dirs", directory.resolve("cdi").toString());
    }

    @BeforeAll
    protected void openDriver(@TempDir Path directory) throws Exception {
        // Pods with users of their own must come to their root file systems.
        dir = Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx--x--x"));
        host = new Host(dir, "/cairn-test-" + random(4));
        registry = TestRegistry.start();
        start();
        imageId = driver.images().pull(registry.image("1", "{\"Env\":[\"PATH=/bin\",\"FROM=image\"],\"Cmd\":[\"sh\"]}"), Credentials.NONE, PullObserver.NONE)
                .id();
    }

    protected void start() throws Exception {
        driver = open(dir);
        exited = new Exited();
        driver.observe(exited);
    }

    /** What the daemon has in memory is lost; containers go on. */
    protected void restart() throws Exception {
        driver.close();
        start();
    }

    @AfterEach
    protected void nothingIsLeft() throws Exception {
        try {
            for (String id : containers) {
                driver.removeContainer(id);
                assertThat(driver.probeContainer(id)).isEqualTo(new ContainerProbe.Absent());
            }
            for (String id : pods) {
                driver.releaseSandbox(id);
                driver.removeSandbox(id);
            }
            assertThat(driver.inventory().containers()).isEmpty();
            assertThat(driver.inventory().sandboxes()).isEmpty();
            assertThat(host.mounts()).isEmpty();
            assertThat(host.cgroups()).isEmpty();
            Await.until("the end of " + host.processes(), () -> host.processes().isEmpty());
        } finally {
            containers.clear();
            pods.clear();
            host.clean();
        }
    }

    @AfterAll
    protected void closeDriver() throws Exception {
        driver.close();
        registry.close();
        host.clean();
    }

    public static String random(int bytes) {
        byte[] id = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    protected Path logs() {
        return dir.resolve("logs");
    }

    protected SandboxSpec podSpec(UnaryOperator<NamespaceOption.Builder> namespaces) {
        return podSpec(namespaces, config -> config);
    }

    protected SandboxSpec podSpec(UnaryOperator<NamespaceOption.Builder> namespaces, UnaryOperator<PodSandboxConfig.Builder> more) {
        String id = random(32);
        pods.add(id);
        var linux = LinuxPodSandboxConfig.newBuilder().setCgroupParent(host.cgroup());
        linux.getSecurityContextBuilder().setNamespaceOptions(namespaces.apply(NamespaceOption.newBuilder()
                .setPid(NamespaceMode.CONTAINER)));
        var config = PodSandboxConfig.newBuilder().setHostname("pod-host").setLogDirectory(logs().resolve(id).toString()).setLinux(linux)
                .setMetadata(PodSandboxMetadata.newBuilder().setName("pod").setNamespace("test").setUid(id));
        return new SandboxSpec(id, more.apply(config).build(), "");
    }

    protected SandboxSpec pod() throws DriverException {
        return pod(namespaces -> namespaces);
    }

    protected SandboxSpec pod(UnaryOperator<NamespaceOption.Builder> namespaces) throws DriverException {
        SandboxSpec spec = podSpec(namespaces);
        driver.prepareSandbox(spec);
        return spec;
    }

    protected ContainerSpec containerSpec(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> more) {
        String id = random(32);
        containers.add(id);
        var config = ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName("c")).setLogPath(id + ".log");
        return new ContainerSpec(id, pod, more.apply(config).build(), imageId);
    }

    protected static UnaryOperator<ContainerConfig.Builder> shell(String script) {
        return config -> config.addCommand("sh").addArgs("-c").addArgs(script);
    }

    /** Created, not started. */
    protected String container(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> more) throws DriverException {
        ContainerSpec spec = containerSpec(pod, more);
        driver.createContainer(spec);
        return spec.id();
    }

    protected String run(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> more) throws DriverException {
        String id = container(pod, more);
        run(id);
        return id;
    }

    protected StartedContainer run(String id) throws DriverException {
        StartedContainer started = driver.startContainer(id);
        driver.watch(id, started.pid());
        return started;
    }

    protected UnaryOperator<ContainerConfig.Builder> withDirectory(UnaryOperator<ContainerConfig.Builder> config, Path source) {
        return builder -> config.apply(builder).addMounts(Mount.newBuilder().setHostPath(source.toString()).setContainerPath("/shared"));
    }

    protected Path shared() throws Exception {
        return Files.createDirectories(dir.resolve("shared-" + random(4)));
    }

    protected String log(SandboxSpec pod, String container) throws Exception {
        return Files.readString(logs().resolve(pod.id()).resolve(container + ".log"));
    }

    protected ExecResult exec(String container, String... command) throws DriverException {
        return driver.exec(new ExecSpec(random(32), container, Vector.of(command), 20_000));
    }

    protected String output(String container, String... command) throws DriverException {
        ExecResult result = exec(container, command);
        assertThat(result.exitCode()).as(result.stderr().toStringUtf8()).isZero();
        return result.stdout().toStringUtf8().strip();
    }
}
