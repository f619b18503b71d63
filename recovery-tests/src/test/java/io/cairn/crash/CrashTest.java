package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.testkit.Await;
import io.cairn.testkit.Leaks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What is known after the daemon was away for a while. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
final class CrashTest {
    private static final String WAIT = "while ! [ -e /marks/go-%s ]; do sleep 0.02; done; %s";

    private CrashNode host;
    private Leaks leaks;
    private PodSandboxConfig pod;
    private String podId;
    private final List<String> ids = new ArrayList<>();

    @BeforeAll
    void begin() throws Exception {
        host = new CrashNode();
        leaks = Leaks.since(host.node);
    }

    @AfterAll
    void end() throws Exception {
        host.close();
    }

    @BeforeEach
    void runPod() throws Exception {
        pod = host.pod("crash-" + ids.size());
        podId = host.cri().runPod(pod);
        ids.add(podId);
    }

    @AfterEach
    void leaveNothing() throws Exception {
        if (!host.daemon.isAlive()) {
            host.daemon.start();
        }
        host.cri().stopPod(podId);
        host.cri().removePod(podId);
        leaks.assertNothingLeft(ids);
    }

    private String start(ContainerConfig config) {
        String id = host.cri().create(podId, pod, config);
        ids.add(id);
        host.cri().start(id);
        return id;
    }

    private void awaitEnd(long pid) throws Exception {
        Await.until("process " + pid + " ends", CrashNode.PATIENCE, () -> !CrashNode.isAlive(pid));
    }

    private ContainerStatus awaitExit(String id) throws Exception {
        Await.until("container " + id + " is shown as ended", CrashNode.PATIENCE,
                () -> host.cri().containerStatus(id).getState() == ContainerState.CONTAINER_EXITED);
        return host.cri().containerStatus(id);
    }

    private void go(String name) throws Exception {
        Files.createFile(host.mark("go-" + name));
    }

    @Test
    void aContainerThatEndsWhileNobodyListensHasItsCodeAndTime() throws Exception {
        String id = start(host.container("quits", WAIT.formatted("quits", "(exit 42)")));
        long pid = host.cri().pid(id);

        host.daemon.kill9();
        go("quits");
        awaitEnd(pid);
        host.daemon.start();

        ContainerStatus status = host.cri().containerStatus(id);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getExitCode()).isEqualTo(42);
        assertFinishedAt(status, host.mark("quits.end"));
        assertThat(host.starts("quits")).isOne();
    }

    /** The mark was written just before the end. */
    static void assertFinishedAt(ContainerStatus status, Path mark) throws Exception {
        long ended = Files.getLastModifiedTime(mark).to(TimeUnit.NANOSECONDS);
        assertThat(status.getFinishedAt() - ended).as("%s is shown as ended at %s, and was at %s", status.getMetadata().getName(),
                Instant.ofEpochSecond(0, status.getFinishedAt()), Instant.ofEpochSecond(0, ended))
                .isBetween(TimeUnit.MILLISECONDS.toNanos(-50), TimeUnit.MILLISECONDS.toNanos(500));
    }

    @Test
    void anOomKillWhileNobodyListensIsToldSo() throws Exception {
        // The shell that is pid 1 must be the one that is killed, or nothing ends.
        ContainerConfig.Builder config = host.container("greedy", WAIT.formatted("greedy", "exec tail /dev/zero")).toBuilder();
        config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 << 20);
        String id = start(config.build());
        long pid = host.cri().pid(id);

        host.daemon.kill9();
        go("greedy");
        awaitEnd(pid);
        host.daemon.start();

        ContainerStatus status = host.cri().containerStatus(id);
        assertThat(status.getReason()).isEqualTo("OOMKilled");
        assertThat(status.getExitCode()).isEqualTo(137);
    }

    @Test
    void sigtermLeavesContainersRunning() throws Exception {
        String id = start(host.container("stays", "while :; do echo tick; sleep 0.05; done"));
        long pid = host.cri().pid(id);
        ContainerStatus before = host.cri().containerStatus(id);
        Path log = Path.of(before.getLogPath());

        assertThat(host.daemon.sigterm()).isIn(0, 143);
        int lines = Files.readAllLines(log).size();
        Await.until("the container writes on", CrashNode.PATIENCE, () -> Files.readAllLines(log).size() > lines + 3);
        assertThat(CrashNode.isAlive(pid)).isTrue();
        host.daemon.start();

        assertThat(host.cri().containerStatus(id)).isEqualTo(before);
        assertThat(host.cri().pid(id)).isEqualTo(pid);
        assertThat(host.cri().sh(id, "echo in")).isEqualTo("in\n");
    }

    @Test
    void aStopThatTheCrashCutShortIsCarriedToItsEnd() throws Exception {
        String id = start(host.container("stubborn", "trap 'echo asked >> /marks/stubborn.asked' TERM; while :; do sleep 0.05; done"));
        long pid = host.cri().pid(id);
        Await.until("the trap is set", CrashNode.PATIENCE, () -> host.starts("stubborn") == 1);

        var cri = host.cri();
        Thread stopping = Thread.ofVirtual().start(() -> {
            try {
                cri.stop(id, 4);
            } catch (io.grpc.StatusRuntimeException e) {
                // The daemon is killed while this waits.
            }
        });
        Await.until("the signal has come", CrashNode.PATIENCE, () -> Files.exists(host.mark("stubborn.asked")));
        host.daemon.kill9();
        stopping.join();
        assertThat(CrashNode.isAlive(pid)).isTrue();
        host.daemon.start();

        assertThat(awaitExit(id).getExitCode()).isEqualTo(137);
        assertThat(CrashNode.isAlive(pid)).isFalse();
    }

    @Test
    void theEndOfAContainerWhoseMonitorWasKilledIsNoticedAndNoCodeInvented() throws Exception {
        String id = start(host.container("orphan", "while :; do sleep 0.05; done"));
        long pid = host.cri().pid(id);
        ProcessHandle monitor = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow();
        assertThat(Files.readString(Path.of("/proc", Long.toString(monitor.pid()), "comm"))).startsWith("conmon");

        monitor.destroyForcibly();
        awaitEnd(monitor.pid());
        ProcessHandle.of(pid).orElseThrow().destroyForcibly();

        ContainerStatus status = awaitExit(id);
        assertThat(status.getReason()).isEqualTo("ExitCodeUnknown");
        assertThat(status.getMessage()).isNotEmpty();
    }

    @Test
    void aSecondDaemonIsRefusedWithThePidOfTheFirst() throws Exception {
        var refused = host.daemon.command("serve");

        assertThat(refused.exitCode()).isOne();
        assertThat(refused.stderr()).contains(Long.toString(host.daemon.pid()));
        assertThat(host.cri().podStatus(podId).getId()).isEqualTo(podId);
    }
}
