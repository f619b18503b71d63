package io.cairn.driver.runc;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Credentials;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
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
import io.vavr.collection.Vector;
import java.nio.file.Files;
import java.nio.file.Path;
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
abstract class DriverFixture {
    Path dir;
    Driver driver;
    Exited exited;
    Host host;
    String imageId;
    TestRegistry registry;

    private final List<String> pods = new ArrayList<>();
    private final List<String> containers = new ArrayList<>();

    /** Opens the driver under test on this directory; called again after {@code close} it stands for the next start of the daemon. */
    abstract Driver open(Path directory) throws Exception;

    @BeforeAll
    void openDriver(@TempDir Path directory) throws Exception {
        dir = directory;
        host = new Host(dir, "/cairn-test-" + random(4));
        registry = TestRegistry.start();
        start();
        imageId = driver.images().pull(registry.image("1", "{\"Env\":[\"PATH=/bin\",\"FROM=image\"],\"Cmd\":[\"sh\"]}"), Credentials.NONE)
                .id();
    }

    void start() throws Exception {
        driver = open(dir);
        exited = new Exited();
        driver.observe(exited);
    }

    /** What the daemon has in memory is lost; containers go on. */
    void restart() throws Exception {
        driver.close();
        start();
    }

    @AfterEach
    void nothingIsLeft() throws Exception {
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
    void closeDriver() throws Exception {
        driver.close();
        registry.close();
        host.clean();
    }

    static String random(int bytes) {
        byte[] id = new byte[bytes];
        ThreadLocalRandom.current().nextBytes(id);
        return HexFormat.of().formatHex(id);
    }

    Path logs() {
        return dir.resolve("logs");
    }

    SandboxSpec podSpec(UnaryOperator<NamespaceOption.Builder> namespaces) {
        return podSpec(namespaces, config -> config);
    }

    SandboxSpec podSpec(UnaryOperator<NamespaceOption.Builder> namespaces, UnaryOperator<PodSandboxConfig.Builder> more) {
        String id = random(32);
        pods.add(id);
        var linux = LinuxPodSandboxConfig.newBuilder().setCgroupParent(host.cgroup());
        linux.getSecurityContextBuilder().setNamespaceOptions(namespaces.apply(NamespaceOption.newBuilder()
                .setPid(NamespaceMode.CONTAINER)));
        var config = PodSandboxConfig.newBuilder().setHostname("pod-host").setLogDirectory(logs().resolve(id).toString()).setLinux(linux)
                .setMetadata(PodSandboxMetadata.newBuilder().setName("pod").setNamespace("test").setUid(id));
        return new SandboxSpec(id, more.apply(config).build(), "");
    }

    SandboxSpec pod() throws DriverException {
        return pod(namespaces -> namespaces);
    }

    SandboxSpec pod(UnaryOperator<NamespaceOption.Builder> namespaces) throws DriverException {
        SandboxSpec spec = podSpec(namespaces);
        driver.prepareSandbox(spec);
        return spec;
    }

    ContainerSpec containerSpec(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> more) {
        String id = random(32);
        containers.add(id);
        var config = ContainerConfig.newBuilder().setMetadata(ContainerMetadata.newBuilder().setName("c")).setLogPath(id + ".log");
        return new ContainerSpec(id, pod, more.apply(config).build(), imageId);
    }

    static UnaryOperator<ContainerConfig.Builder> shell(String script) {
        return config -> config.addCommand("sh").addArgs("-c").addArgs(script);
    }

    /** Created, not started. */
    String container(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> more) throws DriverException {
        ContainerSpec spec = containerSpec(pod, more);
        driver.createContainer(spec);
        return spec.id();
    }

    String run(SandboxSpec pod, UnaryOperator<ContainerConfig.Builder> more) throws DriverException {
        String id = container(pod, more);
        run(id);
        return id;
    }

    StartedContainer run(String id) throws DriverException {
        StartedContainer started = driver.startContainer(id);
        driver.watch(id, started.pid());
        return started;
    }

    UnaryOperator<ContainerConfig.Builder> withDirectory(UnaryOperator<ContainerConfig.Builder> config, Path source) {
        return builder -> config.apply(builder).addMounts(Mount.newBuilder().setHostPath(source.toString()).setContainerPath("/shared"));
    }

    Path shared() throws Exception {
        return Files.createDirectories(dir.resolve("shared-" + random(4)));
    }

    String log(SandboxSpec pod, String container) throws Exception {
        return Files.readString(logs().resolve(pod.id()).resolve(container + ".log"));
    }

    ExecResult exec(String container, String... command) throws DriverException {
        return driver.exec(new ExecSpec(random(32), container, Vector.of(command), 20_000));
    }

    String output(String container, String... command) throws DriverException {
        ExecResult result = exec(container, command);
        assertThat(result.exitCode()).as(result.stderr().toStringUtf8()).isZero();
        return result.stdout().toStringUtf8().strip();
    }
}
