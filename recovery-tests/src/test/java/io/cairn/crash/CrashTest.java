package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerStatus;
import io.cairn.testkit.Await;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What the daemon's own end leaves as it was, and what it takes up again. */
final class CrashTest extends OnCrashNode {
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
                cri.stop(id, 20);
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
    void aSecondDaemonIsRefusedWithThePidOfTheFirst() throws Exception {
        var refused = host.daemon.command("serve");

        assertThat(refused.exitCode()).isOne();
        assertThat(refused.stderr()).contains(Long.toString(host.daemon.pid()));
        assertThat(host.cri().podStatus(podId).getId()).isEqualTo(podId);
    }
}
