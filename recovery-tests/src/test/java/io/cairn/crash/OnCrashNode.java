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
import org.junit.jupiter.api.TestInstance;

/** One node for a class of tests, and a pod for each of them; afterwards nothing of it may be left. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class OnCrashNode {
    /** Waits to be told to go, then does something: what it is called, what it does. */
    static final String WAIT = "while ! [ -e /marks/go-%s ]; do sleep 0.02; done; %s";

    CrashNode host;
    PodSandboxConfig pod;
    String podId;
    private Leaks leaks;
    private final List<String> ids = new ArrayList<>();

    @BeforeAll
    final void begin() throws Exception {
        host = new CrashNode();
        leaks = Leaks.since(host.node);
    }

    @AfterAll
    final void end() throws Exception {
        host.close();
    }

    @BeforeEach
    final void runPod() throws Exception {
        pod = host.pod("crash-" + ids.size());
        podId = host.cri().runPod(pod);
        ids.add(podId);
    }

    @AfterEach
    final void leaveNothing() throws Exception {
        if (!host.daemon.isAlive()) {
            host.daemon.start();
        }
        host.cri().stopPod(podId);
        host.cri().removePod(podId);
        leaks.assertNothingLeft(ids);
    }

    final String start(ContainerConfig config) {
        String id = host.cri().create(podId, pod, config);
        ids.add(id);
        host.cri().start(id);
        return id;
    }

    final void go(String name) throws Exception {
        Files.createFile(host.mark("go-" + name));
    }

    static void awaitEnd(long pid) throws Exception {
        Await.until("process " + pid + " ends", CrashNode.PATIENCE, () -> !CrashNode.isAlive(pid));
    }

    final ContainerStatus awaitExit(String id) throws Exception {
        Await.until("container " + id + " is shown as ended", CrashNode.PATIENCE,
                () -> host.cri().containerStatus(id).getState() == ContainerState.CONTAINER_EXITED);
        return host.cri().containerStatus(id);
    }

    /** The mark was written just before the end. */
    static void assertFinishedAt(ContainerStatus status, Path mark) throws Exception {
        assertFinishedAt(status, Files.getLastModifiedTime(mark).to(TimeUnit.NANOSECONDS));
    }

    static void assertFinishedAt(ContainerStatus status, long endedNanos) {
        assertThat(status.getFinishedAt() - endedNanos).as("%s is shown as ended at %s, and was at %s", status.getMetadata().getName(),
                Instant.ofEpochSecond(0, status.getFinishedAt()), Instant.ofEpochSecond(0, endedNanos))
                .isBetween(TimeUnit.MILLISECONDS.toNanos(-50), TimeUnit.MILLISECONDS.toNanos(500));
    }
}
