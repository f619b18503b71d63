package io.cairn.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.testkit.stream.Pattern;
import io.cairn.testkit.stream.SpdyClient;
import io.vavr.control.Either;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exec and attach over SPDY/3.1, against commands of this machine. */
@Timeout(120)
class SpdyExecTest {
    static final InetSocketAddress LOOPBACK = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    private static final long MIB = 1L << 20;
    private static final String V4 = "v4.channel.k8s.io";
    private static final Stdio ALL = new Stdio(true, true, true, false);
    private static final Stdio OUTPUT = new Stdio(false, true, true, false);

    private StreamingServer server;

    @BeforeEach
    void open() throws Exception {
        server = new StreamingServer(StreamingOptions.defaults(LOOPBACK));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private SpdyClient exec(Stdio stdio, Endpoint.Opener<Session> opener) throws Exception {
        return SpdyClient.connect(server.url(new Endpoint.Exec(stdio, opener)).get(), V4);
    }

    @Test
    void keepsOutputAndErrorsApartAndTellsTheExitCode() throws Exception {
        try (var client = exec(OUTPUT, Local.shell("echo out; echo err >&2; exit 7"))) {
            var error = client.open("error");
            var stdout = client.open("stdout");
            var stderr = client.open("stderr");
            assertThat(stdout.received.text()).isEqualTo("out\n");
            assertThat(stderr.received.text()).isEqualTo("err\n");
            assertThat(error.received.text()).isEqualTo("{\"metadata\":{},\"status\":\"Failure\","
                    + "\"message\":\"command terminated with non-zero exit code 7\",\"reason\":\"NonZeroExitCode\","
                    + "\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"7\"}]}}");
            client.ended.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void theEndOfInputIsNotTheEndOfTheCommand() throws Exception {
        try (var client = exec(ALL, Local.shell("cat; echo done"))) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            client.open("stderr");
            stdin.write("hello\n");
            stdin.end();
            assertThat(stdout.received.text()).isEqualTo("hello\ndone\n");
            assertThat(error.received.text()).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
        }
    }

    @Test
    void carriesAHundredMegabytesBothWaysAtOnce() throws Exception {
        try (var client = exec(ALL, Local.shell("cat"))) {
            client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            client.open("stderr");
            var sent = CompletableFuture.runAsync(() -> sendAll(stdin));
            assertThat(Pattern.match(1, stdout.received)).isEqualTo(100 * MIB);
            sent.get(60, TimeUnit.SECONDS);
        }
    }

    private static void sendAll(SpdyClient.ClientStream stdin) {
        try {
            Pattern.send(1, 100 * MIB, stdin::write);
            stdin.end();
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** The last bytes must not get lost with the connection that is closed behind them while input still comes. */
    @Test
    void aCommandThatLeavesItsInputUnreadIsHeardToTheEnd() throws Exception {
        try (var client = exec(ALL, Local.shell("head -c 10; yes | head -c 1000000; exit 3"))) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            client.open("stderr");
            Pattern.send(2, 3 * MIB / 2, stdin::write);
            assertThat(stdout.received.readAllBytes()).hasSize(1_000_010);
            assertThat(error.received.text()).contains("\"message\":\"3\"");
        }
    }

    @Test
    void tellsSizesOfTheTerminal() throws Exception {
        var session = Local.run("sh", "-c", "read line; echo got $line");
        try (var client = exec(new Stdio(true, true, false, true), () -> Either.right(session))) {
            client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            var resize = client.open("resize");
            resize.write("{\"Width\":80,\"Height\":24}\n{\"Width\":132,");
            resize.write("\"Height\":50}\n{\"Width\":0,\"Height\":0}\n{\"Height\":60000,\"Width\":9}\n");
            assertThat(session.sizes.poll(60, TimeUnit.SECONDS)).isEqualTo("80x24");
            assertThat(session.sizes.poll(60, TimeUnit.SECONDS)).isEqualTo("132x50");
            assertThat(session.sizes.poll(60, TimeUnit.SECONDS)).isEqualTo("9x1000");
            stdin.write("it\n");
            assertThat(stdout.received.text()).isEqualTo("got it\n");
        }
    }

    @Test
    void aClientThatLeavesEndsTheSession() throws Exception {
        var session = Local.run("sleep", "1000");
        var client = exec(OUTPUT, () -> Either.right(session));
        client.open("error");
        client.open("stdout");
        client.open("stderr");
        client.close();
        session.closed.get(60, TimeUnit.SECONDS);
    }

    /** Nothing is read from a connection whose input nobody takes; that the client is gone must show all the same. */
    @Test
    void aClientThatLeavesWithInputUnreadEndsTheSession() throws Exception {
        var session = Local.run("sleep", "1000");
        var client = exec(new Stdio(true, true, false, false), () -> Either.right(session));
        client.open("error");
        var stdin = client.open("stdin");
        client.open("stdout");
        var plenty = new CountDownLatch(50);
        var stuck = Thread.startVirtualThread(() -> assertThatThrownBy(() -> Pattern.send(3, 1000 * MIB, (piece, length) -> {
            stdin.write(piece, length);
            plenty.countDown();
        })).isInstanceOf(IOException.class));
        assertThat(plenty.await(60, TimeUnit.SECONDS)).isTrue();
        client.close();
        session.closed.get(60, TimeUnit.SECONDS);
        stuck.join();
    }

    @Test
    void whatCannotBeOpenedIsToldAsAStatus() throws Exception {
        try (var client = exec(OUTPUT, () -> Either.left("container \"x\" has ended"))) {
            var error = client.open("error");
            var stdout = client.open("stdout");
            client.open("stderr");
            assertThat(stdout.received.text()).isEmpty();
            assertThat(error.received.text()).isEqualTo("{\"metadata\":{},\"status\":\"Failure\","
                    + "\"message\":\"Internal error occurred: container \\\"x\\\" has ended\",\"reason\":\"InternalError\","
                    + "\"details\":{\"causes\":[{\"message\":\"container \\\"x\\\" has ended\"}]},\"code\":500}");
        }
    }

    @Test
    void olderClientsGetWordsInsteadOfAStatus() throws Exception {
        for (String protocol : new String[] {"v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"}) {
            for (int code : new int[] {0, 5}) {
                String url = server.url(new Endpoint.Exec(OUTPUT, Local.shell("exit " + code))).get();
                try (var client = SpdyClient.connect(url, protocol)) {
                    var error = client.open("error");
                    client.open("stdout");
                    client.open("stderr");
                    assertThat(error.received.text()).isEqualTo(code == 0 ? "" : "command terminated with exit code 5");
                }
            }
        }
    }

    @Test
    void manyAtOnceDoNotDisturbEachOther() throws Exception {
        var threads = new ArrayList<CompletableFuture<Void>>();
        for (int i = 0; i < 40; i++) {
            int seed = i;
            threads.add(CompletableFuture.runAsync(() -> {
                try (var client = exec(ALL, Local.shell("cat; exit " + seed))) {
                    var error = client.open("error");
                    var stdin = client.open("stdin");
                    var stdout = client.open("stdout");
                    client.open("stderr");
                    Pattern.send(seed, 40_000, stdin::write);
                    stdin.end();
                    assertThat(Pattern.match(seed, stdout.received)).isEqualTo(40_000);
                    assertThat(error.received.text()).contains(seed == 0 ? "Success" : "\"message\":\"" + seed + "\"");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            }, Thread::startVirtualThread));
        }
        CompletableFuture.allOf(threads.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
    }

    @Test
    void pingsAreAnswered() throws Exception {
        try (var client = exec(OUTPUT, Local.shell("true"))) {
            client.ping(5);
            assertThat(client.pongs.poll(60, TimeUnit.SECONDS)).isEqualTo(5);
        }
    }

    @Test
    void streamsNobodyAskedForAreRefused() throws Exception {
        try (var client = exec(OUTPUT, Local.shell("true"))) {
            assertThatThrownBy(() -> client.open("stdin")).hasMessageContaining("reset");
            assertThatThrownBy(() -> client.open("nonsense")).hasMessageContaining("reset");
            client.open("error");
            assertThatThrownBy(() -> client.open("error")).hasMessageContaining("reset");
        }
    }

    @Test
    void aClientThatDoesNotOpenItsStreamsIsSentAway() throws Exception {
        server.close();
        server = new StreamingServer(StreamingOptions.defaults(LOOPBACK).withCreationTimeout(Duration.ofSeconds(5)));
        try (var client = exec(OUTPUT, Local.shell("true"))) {
            client.open("error");
            client.ended.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aSilentConnectionIsClosed() throws Exception {
        server.close();
        server = new StreamingServer(StreamingOptions.defaults(LOOPBACK).withIdleTimeout(Duration.ofSeconds(5)));
        var session = Local.run("sleep", "1000");
        try (var client = exec(OUTPUT, () -> Either.right(session))) {
            client.open("error");
            client.open("stdout");
            client.open("stderr");
            client.ended.get(60, TimeUnit.SECONDS);
            session.closed.get(60, TimeUnit.SECONDS);
        }
    }
}
