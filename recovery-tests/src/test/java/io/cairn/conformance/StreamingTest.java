package io.cairn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.proto.cri.AttachRequest;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ExecRequest;
import io.cairn.proto.cri.PortForwardRequest;
import io.cairn.proto.cri.ReopenContainerLogRequest;
import io.cairn.testkit.Await;
import io.cairn.testkit.DriverUnderTest.Feature;
import io.cairn.testkit.LogLine;
import io.cairn.testkit.stream.Pattern;
import io.cairn.testkit.stream.SpdyClient;
import io.cairn.testkit.stream.SpdyClient.ClientStream;
import io.cairn.testkit.stream.Tunnel;
import io.grpc.Status;
import java.io.BufferedReader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Exec, attach and port-forward on the wire, and logs that move. */
final class StreamingTest extends CriTest {
    private static final long MIB = 1L << 20;
    private static final String END = " F all\n";
    private static final String SUCCESS = "{\"metadata\":{},\"status\":\"Success\"}";

    private ExecRequest.Builder execRequest(String id, String... command) {
        return ExecRequest.newBuilder().setContainerId(id).addAllCmd(List.of(command));
    }

    private SpdyClient open(ExecRequest.Builder request) throws Exception {
        return SpdyClient.connect(cri.runtime().exec(request.build()).getUrl(), "v4.channel.k8s.io");
    }

    @Test
    void aCommandsStreamsAreItsOwn() throws Exception {
        String id = startSleeping(run("exec"));

        try (var client = open(execRequest(id, "sh", "-c", "cat; echo err >&2; exit 5").setStdin(true).setStdout(true).setStderr(true))) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            var stderr = client.open("stderr");
            stdin.write("hello");
            stdin.end();
            assertThat(stdout.received.text()).isEqualTo("hello");
            assertThat(stderr.received.text()).isEqualTo("err\n");
            assertThat(error.received.text()).contains("\"reason\":\"ExitCode\",\"message\":\"5\"");
        }
    }

    @Test
    void aHundredMegabytesGoBothWaysByteForByte() throws Exception {
        String id = startSleeping(run("much"));

        try (var client = open(execRequest(id, "cat").setStdin(true).setStdout(true))) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            var sent = CompletableFuture.runAsync(() -> sendAll(stdin));
            assertThat(Pattern.match(1, stdout.received)).isEqualTo(100 * MIB);
            sent.get(60, TimeUnit.SECONDS);
            assertThat(error.received.text()).isEqualTo(SUCCESS);
        }
    }

    private static void sendAll(ClientStream stdin) {
        try {
            Pattern.send(1, 100 * MIB, stdin::write);
            stdin.end();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aTerminalIsOneAndFollowsItsSize() throws Exception {
        String id = startSleeping(run("tty"));

        try (var client = open(execRequest(id, "sh").setStdin(true).setStdout(true).setTty(true))) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            var resize = client.open("resize");
            resize.write("{\"Width\":123,\"Height\":45}");
            stdin.write("tty; until [ \"$(stty size)\" = '45 123' ]; do :; done; echo si''zed; exit 4\n");
            assertThat(stdout.received.text()).contains("/dev/pts/0").contains("sized");
            assertThat(error.received.text()).contains("\"message\":\"4\"");
        }
    }

    @Test
    void aCommandEndsWithItsClient() throws Exception {
        String id = startSleeping(run("gone"));

        for (boolean tty : new boolean[] {false, true}) {
            try (var client = open(execRequest(id, "sh", "-c", "echo here; sleep 98765").setStdout(true).setTty(tty))) {
                client.open("error");
                var stdout = client.open("stdout");
                if (tty) {
                    client.open("resize");
                }
                assertThat(stdout.received.readNBytes(4)).asString().isEqualTo("here");
            }
            Await.until("the command is gone", PATIENCE, () -> !cri.sh(id, "ps").contains("sleep 98765"));
        }
    }

    @Test
    void whatACommandLeavesBehindKeepsNobodyWaiting() throws Exception {
        String id = startSleeping(run("behind"));

        try (var client = open(execRequest(id, "sh", "-c", "sleep 5555 & echo done").setStdout(true))) {
            var error = client.open("error");
            var stdout = client.open("stdout");
            assertThat(stdout.received.text()).isEqualTo("done\n");
            assertThat(error.received.text()).isEqualTo(SUCCESS);
        }
        assertThat(cri.sh(id, "ps")).contains("sleep 5555");
    }

    @Test
    void aCommandThatIsNotThereIsNamed() throws Exception {
        String id = startSleeping(run("unknown"));

        try (var client = open(execRequest(id, "/no/such/command").setStdout(true))) {
            var error = client.open("error");
            client.open("stdout");
            assertThat(error.received.text()).contains("/no/such/command").contains("Failure");
        }
    }

    @Test
    void manyCommandsRunSideBySide() throws Exception {
        String id = startSleeping(run("many"));

        var all = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 20; i++) {
            int number = i;
            all.add(CompletableFuture.runAsync(() -> {
                try (var client = open(execRequest(id, "sh", "-c", "cat; exit " + number).setStdin(true).setStdout(true))) {
                    var error = client.open("error");
                    var stdin = client.open("stdin");
                    var stdout = client.open("stdout");
                    Pattern.send(number, 100_000, stdin::write);
                    stdin.end();
                    assertThat(Pattern.match(number, stdout.received)).isEqualTo(100_000);
                    assertThat(error.received.text()).contains(number == 0 ? "Success" : "\"message\":\"" + number + "\"");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }, Thread::startVirtualThread));
        }
        CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(120, TimeUnit.SECONDS);
    }

    private SpdyClient attach(String id, boolean stdin, boolean tty) throws Exception {
        return SpdyClient.connect(cri.runtime().attach(AttachRequest.newBuilder().setContainerId(id).setStdin(stdin).setStdout(true)
                .setStderr(!tty).setTty(tty).build()).getUrl(), "v4.channel.k8s.io");
    }

    @Test
    void whoAttachesWritesAndReads() throws Exception {
        ContainerConfig.Builder config = shell("talks", "while read line; do echo got $line; echo err $line >&2; done; echo end")
                .setStdin(true).setStdinOnce(true);
        String id = start(run("attach"), config);

        try (var client = attach(id, true, false)) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            var stderr = client.open("stderr");
            stdin.write("one\n");
            assertThat(new String(stdout.received.readNBytes(8))).isEqualTo("got one\n");
            stdin.write("two\n");
            stdin.end();
            assertThat(stdout.received.text()).isEqualTo("got two\nend\n");
            assertThat(stderr.received.text()).isEqualTo("err one\nerr two\n");
            assertThat(error.received.text()).isEqualTo(SUCCESS);
        }
        awaitExit(id);
    }

    @Test
    void theInputStaysOpenForTheNextClient() throws Exception {
        String id = start(run("again"), shell("talks", "while read line; do echo got $line; done").setStdin(true));

        for (String word : List.of("one", "two")) {
            try (var client = attach(id, true, false)) {
                client.open("error");
                var stdin = client.open("stdin");
                var stdout = client.open("stdout");
                client.open("stderr");
                stdin.write(word + "\n");
                assertThat(new String(stdout.received.readNBytes(8))).isEqualTo("got " + word + "\n");
            }
        }
        assertThat(LogLine.text(log(id), "stdout")).isEqualTo("got one\ngot two\n");
    }

    @Test
    void aTerminalIsAttachedToAndLogged() throws Exception {
        String id = start(run("attach-tty"), shell("shell", "read line; tty; stty size; echo got $line").setStdin(true).setTty(true));

        try (var client = attach(id, true, true)) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            var resize = client.open("resize");
            resize.write("{\"Width\":99,\"Height\":33}");
            Await.until("the terminal has its size", PATIENCE, () -> cri.sh(id, "stty size < /dev/console").contains("33 99"));
            stdin.write("word\n");
            assertThat(stdout.received.text()).contains("33 99").contains("got word");
            assertThat(error.received.text()).isEqualTo(SUCCESS);
        }
        assertThat(LogLine.text(log(id), "stdout")).contains("got word");
    }

    @Test
    void portsOfAPodAreReached() throws Exception {
        Pod pod = run("ports");
        String id = start(pod, shell("server", "nc -ll -p 7000 -e cat & trap 'exit 0' TERM; wait"));
        Await.until("the server listens", PATIENCE, () -> cri.sh(id, "cat /proc/net/tcp /proc/net/tcp6").contains(":1B58 "));

        String url = cri.runtime().portForward(PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).addPort(7000).build()).getUrl();
        try (var client = SpdyClient.connect(url, "portforward.k8s.io")) {
            forward(client, 0);
            forward(client, 1);
            var error = client.open(headers("error", 7001, 2));
            client.open(headers("data", 7001, 2));
            assertThat(error.received.text()).contains("7001").contains("refused");
        }
        String tunnel = cri.runtime().portForward(PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).build()).getUrl();
        try (var client = new SpdyClient(Tunnel.open(tunnel))) {
            forward(client, 0);
        }
    }

    private static Map<String, String> headers(String type, int port, int request) {
        return Map.of("streamtype", type, "port", Integer.toString(port), "requestid", Integer.toString(request));
    }

    private static void forward(SpdyClient client, int request) throws Exception {
        client.open(headers("error", 7000, request));
        var data = client.open(headers("data", 7000, request));
        var sent = CompletableFuture.runAsync(() -> {
            try {
                Pattern.send(request, MIB, data::write);
                data.end();
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(Pattern.match(request, data.received)).isEqualTo(MIB);
        sent.get(60, TimeUnit.SECONDS);
    }

    @Test
    void onlyWhatRunsIsConnectedTo() throws Exception {
        Pod pod = run("ended");
        String ended = start(pod, shell("ended", "true"));
        awaitExit(ended);
        String running = startSleeping(pod);

        assertRefused(Status.Code.FAILED_PRECONDITION, () -> cri.runtime().exec(execRequest(ended, "true").setStdout(true).build()), ended);
        assertRefused(Status.Code.FAILED_PRECONDITION, () -> attach(ended, false, false), ended);
        assertRefused(Status.Code.FAILED_PRECONDITION, () -> reopen(ended), ended);
        assertRefused(Status.Code.INVALID_ARGUMENT, () -> cri.runtime().exec(execRequest(running, "true").build()), "stdin, stdout, stderr");
        assertRefused(Status.Code.INVALID_ARGUMENT,
                () -> cri.runtime().exec(execRequest(running, "true").setTty(true).setStderr(true).build()), "tty");
        assertRefused(Status.Code.INVALID_ARGUMENT, () -> cri.runtime().exec(execRequest(running).setStdout(true).build()), "cmd");
        assertRefused(Status.Code.INVALID_ARGUMENT, () -> cri.runtime().portForward(
                PortForwardRequest.newBuilder().setPodSandboxId(pod.id()).addPort(70_000).build()), "port");
        String url = cri.runtime().exec(execRequest(running, "true").setStdout(true).build()).getUrl();
        SpdyClient.connect(url, "v4.channel.k8s.io").close();
        assertThatThrownBy(() -> SpdyClient.connect(url, "v4.channel.k8s.io")).hasMessageContaining("404");
    }

    private void reopen(String id) {
        cri.runtime().reopenContainerLog(ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
    }

    /** Numbered lines as fast as they are taken, well over 10 MiB a second, while the log is moved away again and again. */
    @Test
    void aLogThatMovesLosesNoLine() throws Exception {
        String id = start(run("log"), shell("writes", """
                trap 'exit 0' TERM
                i=0; until [ -e /tmp/enough ]; do seq $i $((i + 19999)); i=$((i + 20000)); done; echo all; sleep 1000000 & wait"""));
        Path log = Path.of(cri.containerStatus(id).getLogPath());
        if (!node.driver().can(Feature.REOPENED_LOGS)) {
            assertItsLogStaysWhereTheBackendWritesIt(id, log);
            return;
        }
        var moved = new ArrayList<Path>();
        for (int i = 0; i < 6; i++) {
            Await.until("something is in the log", PATIENCE, () -> Files.size(log) > 0);
            moved.add(Files.move(log, log.resolveSibling("moved." + i)));
            reopen(id);
            assertThat(log).exists();
        }
        cri.sh(id, "touch /tmp/enough");
        Await.until("all is written", PATIENCE, () -> Files.size(log) > END.length() && tail(log).equals(END));
        moved.add(log);
        assertNumberedIn(moved);
    }

    /** In the CRI's form. Line by line: how many there are is the machine's to say. */
    private static void assertNumberedIn(List<Path> files) throws Exception {
        int next = 0;
        var text = new StringBuilder();
        for (Path file : files) {
            try (BufferedReader reader = Files.newBufferedReader(file)) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    String[] parts = line.split(" ", 4);
                    text.append(parts[3]);
                    if (parts[2].equals("F")) {
                        assertThat(text.toString()).isEqualTo(isLast(line) ? "all" : Integer.toString(next++));
                        text.setLength(0);
                    }
                }
            }
        }
        assertThat(tail(files.getLast())).isEqualTo(END);
        assertThat(next).isPositive();
    }

    private static boolean isLast(String line) {
        return (line + "\n").endsWith(END);
    }

    /** The kubelet moves it back then. */
    private void assertItsLogStaysWhereTheBackendWritesIt(String id, Path log) throws Exception {
        Path moved = Files.move(log, log.resolveSibling("moved"));
        assertRefused(Status.Code.UNIMPLEMENTED, () -> reopen(id), id, "max-size");
        Files.move(moved, log);
        cri.sh(id, "touch /tmp/enough");
        awaitLog(id, "\nall\n");
        assertNumbered(log(id));
    }

    private static void assertNumbered(List<LogLine> lines) {
        String[] numbers = LogLine.text(lines, "stdout").split("\n");
        for (int i = 0; i < numbers.length - 1; i++) {
            assertThat(numbers[i]).isEqualTo(Integer.toString(i));
        }
        assertThat(numbers[numbers.length - 1]).isEqualTo("all");
    }

    private static String tail(Path file) throws Exception {
        try (var channel = FileChannel.open(file)) {
            var bytes = ByteBuffer.allocate(END.length());
            channel.read(bytes, channel.size() - END.length());
            return new String(bytes.array(), StandardCharsets.US_ASCII);
        }
    }

    @Test
    void aLogThatHasNotMovedStaysAsItIs() throws Exception {
        String id = start(run("stays"), shell("writes", "echo before; " + SLEEP));
        awaitLog(id, "before");
        if (node.driver().can(Feature.REOPENED_LOGS)) {
            reopen(id);
        } else {
            assertRefusedWithoutTrace(Status.Code.UNIMPLEMENTED, () -> reopen(id), id, "max-size");
        }
        assertThat(LogLine.text(log(id), "stdout")).isEqualTo("before\n");
    }

    @Test
    void aLineLongerThanItsBufferIsLoggedInParts() throws Exception {
        String id = start(run("long"), shell("writes", "head -c 50000 /dev/zero | tr '\\0' x; echo; printf rest"));
        awaitExit(id);
        var log = log(id);
        assertThat(log).extracting(LogLine::tag).contains("P", "F");
        assertThat(log.getLast().tag()).isEqualTo("P");
        assertThat(LogLine.text(log, "stdout")).isEqualTo("x".repeat(50_000) + "\nrest");
    }
}
