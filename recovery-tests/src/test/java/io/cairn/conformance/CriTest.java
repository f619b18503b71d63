package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.cairn.conformance.SharedNode.Running;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.RuntimeCondition;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.Leaks;
import io.cairn.testkit.LogLine;
import io.cairn.testkit.TestNode;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.NoRouteToHostException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * What the conformance tests share: a daemon with a pod network and a busybox image, and, after each test, the removal of every
 * pod followed by a look at the host for anything that was left.
 */
@ExtendWith(SharedNode.class)
abstract class CriTest {
    static final String IMAGE = Running.IMAGE;
    static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int ANSWER_MILLIS_MAX = 30_000;
    static final String SLEEP = Configs.SLEEP;

    /** A web server on port 8080, of the one page "hello". */
    static final String SERVE = "mkdir /srv; echo hello > /srv/index.html; exec httpd -f -p 8080 -h /srv";

    Running running;
    TestNode node;
    CriClient cri;
    private final List<String> ids = new ArrayList<>();

    @BeforeEach
    final void look(Running shared) throws Exception {
        running = shared;
        node = shared.node;
        cri = shared.daemon.client();
    }

    @AfterEach
    final void leaveNothing() throws Exception {
        try {
            for (var pod : cri.pods()) {
                cri.stopPod(pod.getId());
                cri.removePod(pod.getId());
            }
            assertThat(cri.containers()).isEmpty();
        } catch (Exception | AssertionError e) {
            running.lookAnew(e);
            throw e;
        }
        running.assertNothingLeft(ids);
    }

    /** A pod and what it was made of. */
    record Pod(String id, PodSandboxConfig config) {}

    PodSandboxConfig.Builder podConfig(String name) throws Exception {
        return Configs.pod(node, name);
    }

    Pod run(PodSandboxConfig.Builder config) {
        PodSandboxConfig built = config.build();
        String id = cri.runPod(built);
        ids.add(id);
        return new Pod(id, built);
    }

    Pod run(String name) throws Exception {
        return run(podConfig(name));
    }

    String create(Pod pod, ContainerConfig.Builder config) {
        String id = cri.create(pod.id(), pod.config(), config.build());
        ids.add(id);
        return id;
    }

    String start(Pod pod, ContainerConfig.Builder config) {
        String id = create(pod, config);
        cri.start(id);
        if (config.getArgsList().stream().anyMatch(argument -> argument.endsWith(SLEEP))) {
            awaitSleep(id);
        }
        return id;
    }

    /** Its processes are all there when its last one sleeps: a look for leaks finds the same from now on. */
    private void awaitSleep(String id) {
        try {
            Await.until("container " + id + " sleeps", PATIENCE, () -> cri.containerStatus(id).getState() != ContainerState.CONTAINER_RUNNING
                    || ProcessHandle.of(cri.pid(id)).stream().flatMap(ProcessHandle::children).anyMatch(CriTest::sleeps));
        } catch (Exception e) {
            throw new AssertionError(e.getMessage(), e);
        }
    }

    private static boolean sleeps(ProcessHandle process) {
        return process.info().arguments().stream().flatMap(Stream::of).anyMatch("1000000"::equals);
    }

    /** A container that is there to run commands in. */
    String startSleeping(Pod pod) {
        return start(pod, sleeping("sleeper"));
    }

    static ContainerConfig.Builder sleeping(String name) {
        return Configs.shell(name, IMAGE, SLEEP);
    }

    static ContainerConfig.Builder shell(String name, String script) {
        return Configs.shell(name, IMAGE, script);
    }

    /** Runs a container to its end and returns what it has written to stdout. */
    String output(Pod pod, ContainerConfig.Builder config) throws Exception {
        String id = start(pod, config);
        awaitExit(id);
        return LogLine.text(log(id), "stdout");
    }

    ContainerStatus awaitExit(String id) throws Exception {
        Await.until("container " + id + " ends", PATIENCE, () -> cri.containerStatus(id).getState() == ContainerState.CONTAINER_EXITED);
        return cri.containerStatus(id);
    }

    List<LogLine> log(String id) throws Exception {
        return LogLine.of(Path.of(cri.containerStatus(id).getLogPath()));
    }

    void awaitLog(String id, String text) throws Exception {
        Await.until("\"" + text + "\" in the log of " + id, PATIENCE, () -> LogLine.text(log(id), "stdout").contains(text));
    }

    static RuntimeCondition networkReady(CriClient client) {
        return client.status().getStatus().getConditionsList().stream().filter(c -> c.getType().equals("NetworkReady")).findFirst().orElseThrow();
    }

    /** A page, or nothing where nobody listens. */
    static String get(String host, int port) throws IOException {
        try (var socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.ofLiteral(host), port), ANSWER_MILLIS_MAX);
            socket.setSoTimeout(ANSWER_MILLIS_MAX);
            socket.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
        } catch (ConnectException e) {
            return "";
        }
    }

    /** Whether the page "hello" comes. The bridge's own address takes a moment until it may be used (RFC 4862, duplicate address detection). */
    static boolean reached(String address, int port) throws IOException {
        try {
            return get(address, port).contains("hello");
        } catch (NoRouteToHostException e) {
            return false;
        }
    }

    /** The call must be refused with this code, and the message must hold these words. */
    static void assertRefused(Status.Code code, ThrowingCallable call, String... words) {
        var refusal = catchThrowableOfType(StatusRuntimeException.class, call);
        assertThat(refusal).as("the refusal").isNotNull();
        assertThat(refusal.getStatus().getCode()).as(refusal.getMessage()).isEqualTo(code);
        for (String word : words) {
            assertThat(refusal.getStatus().getDescription()).contains(word);
        }
    }

    /** The same, and it must have changed nothing on the host. */
    void assertRefusedWithoutTrace(Status.Code code, ThrowingCallable call, String... words) throws Exception {
        Leaks before = Leaks.since(node);
        var pods = cri.pods();
        var containers = cri.containers();
        var images = cri.listImages();
        assertRefused(code, call, words);
        before.assertNothingLeft();
        assertThat(cri.pods()).isEqualTo(pods);
        assertThat(cri.containers()).isEqualTo(containers);
        assertThat(cri.listImages()).isEqualTo(images);
    }
}
