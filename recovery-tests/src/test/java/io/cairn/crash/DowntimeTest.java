package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.testkit.Await;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What is known of the time in which the daemon was not there. */
final class DowntimeTest extends OnCrashNode {
    private static final int LINES = 5_000;

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

    @Test
    void anOomKillWhileNobodyListensIsToldSoWithItsTime() throws Exception {
        // The shell that is pid 1 must be the one that is killed, or nothing ends.
        ContainerConfig.Builder config = host.container("greedy", WAIT.formatted("greedy", "exec tail /dev/zero")).toBuilder();
        config.getLinuxBuilder().getResourcesBuilder().setMemoryLimitInBytes(16 << 20);
        String id = start(config.build());
        long pid = host.cri().pid(id);

        host.daemon.kill9();
        go("greedy");
        awaitEnd(pid);
        long ended = now();
        host.daemon.start();

        ContainerStatus status = host.cri().containerStatus(id);
        assertThat(status.getReason()).isEqualTo("OOMKilled");
        assertThat(status.getExitCode()).isEqualTo(137);
        // Seen by a look every 10 ms, so that the end may be that much earlier than the look.
        assertThat(status.getFinishedAt() - ended).isBetween(TimeUnit.MILLISECONDS.toNanos(-500), TimeUnit.MILLISECONDS.toNanos(500));
    }

    @Test
    void aCommandThatTheCrashCutOffIsEndedAndItsContainerIsNot() throws Exception {
        String id = start(host.container("host", "while :; do sleep 0.05; done"));
        long pid = host.cri().pid(id);
        var cri = host.cri();
        Thread running = Thread.ofVirtual().start(() -> {
            try {
                cri.exec(id, Duration.ofSeconds(100), "sh", "-c", "echo in >> /marks/command; exec sleep 4711");
            } catch (StatusRuntimeException e) {
                // The daemon is killed while this waits.
            }
        });
        Await.until("the command runs", CrashNode.PATIENCE, () -> Files.exists(host.mark("command")));
        host.daemon.kill9();
        running.join();
        host.daemon.start();

        assertThat(host.cri().sh(id, "ps -o args")).doesNotContain("sleep 4711");
        assertThat(Files.readAllLines(host.mark("command"))).as("it ran once").hasSize(1);
        assertThat(host.cri().pid(id)).isEqualTo(pid);
        assertThat(CrashNode.isAlive(pid)).isTrue();
    }

    @Test
    void whatAContainerWritesWhileNobodyListensIsInItsLogToTheLastLine() throws Exception {
        String id = start(host.container("writes", WAIT.formatted("writes",
                "i=0; while [ $i -lt %d ]; do i=$((i+1)); echo line $i; echo error $i >&2; done; (exit 7)".formatted(LINES))));
        long pid = host.cri().pid(id);

        host.daemon.kill9();
        go("writes");
        awaitEnd(pid);
        host.daemon.start();

        ContainerStatus status = host.cri().containerStatus(id);
        assertThat(status.getExitCode()).isEqualTo(7);
        List<String> log = Files.readAllLines(Path.of(status.getLogPath()));
        assertThat(written(log, "stdout")).isEqualTo(numbered("line"));
        assertThat(written(log, "stderr")).isEqualTo(numbered("error"));
    }

    /** A line may be cut into parts, all but the last marked P. */
    private static List<String> written(List<String> log, String stream) {
        var text = new StringBuilder();
        log.stream().map(line -> line.split(" ", 4)).filter(parts -> parts[1].equals(stream))
                .forEach(parts -> text.append(parts[3]).append(parts[2].equals("P") ? "" : "\n"));
        return text.toString().lines().toList();
    }

    private static List<String> numbered(String word) {
        return IntStream.rangeClosed(1, LINES).mapToObj(i -> word + " " + i).toList();
    }

    @Test
    void aContainerWhoseMonitorIsKilledWithItIsSeenAndNoCodeInvented() throws Exception {
        String id = start(host.container("orphan", "while :; do sleep 0.05; done"));
        Await.until("its program runs", CrashNode.PATIENCE, () -> host.starts("orphan") == 1);
        long killed = killWithMonitor(id);

        assertEndUnseen(awaitExit(id), killed);
    }

    @Test
    void theSameWhileNobodyListens() throws Exception {
        String id = start(host.container("lost", "while :; do sleep 0.05; done"));
        Await.until("its program runs", CrashNode.PATIENCE, () -> host.starts("lost") == 1);
        ContainerStatus running = host.cri().containerStatus(id);
        ProcessHandle process = ProcessHandle.of(host.cri().pid(id)).orElseThrow();
        ProcessHandle monitor = process.parent().orElseThrow();
        host.daemon.kill9();
        monitor.destroyForcibly();
        awaitEnd(monitor.pid());
        process.destroyForcibly();
        awaitEnd(process.pid());
        long gone = now();
        host.daemon.start();

        ContainerStatus status = host.cri().containerStatus(id);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getReason()).isEqualTo("ExitCodeUnknown");
        assertThat(status.getStartedAt()).isEqualTo(running.getStartedAt());
        assertThat(status.getFinishedAt()).as("not before it was found gone").isGreaterThanOrEqualTo(gone);
        assertThat(status.getMessage()).contains("PROCESS_TABLE", "conmon left no exit record");
    }

    /** @return when it was killed */
    private long killWithMonitor(String id) throws Exception {
        ProcessHandle process = ProcessHandle.of(host.cri().pid(id)).orElseThrow();
        ProcessHandle monitor = process.parent().orElseThrow();
        assertThat(Files.readString(Path.of("/proc", Long.toString(monitor.pid()), "comm"))).startsWith("conmon");
        monitor.destroyForcibly();
        awaitEnd(monitor.pid());
        long killed = now();
        process.destroyForcibly();
        awaitEnd(process.pid());
        return killed;
    }

    private static void assertEndUnseen(ContainerStatus status, long killedNanos) {
        assertThat(status.getReason()).isEqualTo("ExitCodeUnknown");
        assertThat(status.getMessage()).contains("PROCESS_TABLE", "conmon left no exit record");
        assertThat(status.getFinishedAt() - killedNanos).as("found gone so long after it was killed")
                .isBetween(0L, TimeUnit.SECONDS.toNanos(5));
    }

    @Test
    void afterARebootWhatRanHasEndedInAnIntervalAndEverythingBeforeIsKept() throws Exception {
        String ended = start(host.container("ended-before", "(exit 5)"));
        ContainerStatus before = awaitExit(ended);
        String ran = start(host.container("ran", "while :; do sleep 0.05; done"));
        long started = host.cri().containerStatus(ran).getStartedAt();
        long journaled = events();

        host.daemon.kill9();
        host.node.reboot();
        long booted = now();
        host.daemon.start();

        assertThat(host.cri().containerStatus(ended)).isEqualTo(before);
        assertThat(host.cri().podStatus(podId).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        ContainerStatus status = host.cri().containerStatus(ran);
        assertThat(status.getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status.getReason()).isEqualTo("ExitCodeUnknown");
        assertThat(status.getMessage()).contains("BOOT", "last known alive");
        assertThat(status.getStartedAt()).isEqualTo(started);
        assertThat(status.getFinishedAt()).isGreaterThanOrEqualTo(booted);
        assertThat(events()).as("the journal goes on").isGreaterThan(journaled);
        assertThat(host.daemon.command("log", "--container", "ran").orThrow()).contains("container is to be created", "BOOT");

        String again = host.cri().runPod(pod.toBuilder().setMetadata(pod.getMetadata().toBuilder().setAttempt(1)).build());
        host.cri().stopPod(again);
        host.cri().removePod(again);
    }

    private long events() throws Exception {
        return host.daemon.command("log").orThrow().lines().count();
    }

    private static long now() {
        return ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
    }
}
