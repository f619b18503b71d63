package io.cairn.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.testkit.stream.Pattern;
import io.cairn.testkit.stream.Pieces;
import io.cairn.testkit.stream.Transport.Messages;
import io.cairn.testkit.stream.Transport;
import io.vavr.control.Either;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Exec over WebSocket channels, with the JDK's client. */
@Timeout(120)
class WebSocketTest {
    private static final long MIB = 1L << 20;
    private static final String V5 = "v5.channel.k8s.io";
    private static final Stdio ALL = new Stdio(true, true, true, false);

    private StreamingServer server;

    @BeforeEach
    void open() throws Exception {
        server = new StreamingServer(StreamingOptions.defaults(SpdyExecTest.LOOPBACK));
    }

    @AfterEach
    void close() {
        server.close();
    }

    /** A client of one command: what comes is sorted by channel. */
    private static final class Client implements AutoCloseable {
        final Pieces stdout = new Pieces();
        final Pieces stderr = new Pieces();
        final Pieces error = new Pieces();
        final CompletableFuture<Integer> greeting = new CompletableFuture<>();
        final Messages messages;
        private final boolean base64;

        Client(String url, String... protocols) {
            this.base64 = protocols.length > 0 && protocols[0].contains("base64");
            this.messages = Messages.connect(url, this::sort, protocols);
        }

        private void sort(byte[] message) {
            try {
                if (message == null) {
                    stdout.end();
                    stderr.end();
                    error.end();
                    return;
                }
                int channel = base64 ? message[0] - '0' : message[0];
                byte[] rest = Arrays.copyOfRange(message, 1, message.length);
                greeting.complete(channel);
                switch (channel) {
                    case 1 -> stdout.put(base64 ? Base64.getDecoder().decode(rest) : rest);
                    case 2 -> stderr.put(base64 ? Base64.getDecoder().decode(rest) : rest);
                    case 3 -> error.put(base64 ? Base64.getDecoder().decode(rest) : rest);
                    default -> throw new IllegalStateException("Expected channels 1 to 3, but got " + channel);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        void send(int channel, byte[] bytes, int length) {
            byte[] message = new byte[length + 1];
            message[0] = (byte) channel;
            System.arraycopy(bytes, 0, message, 1, length);
            messages.send(message, message.length);
        }

        void send(int channel, String text) {
            send(channel, text.getBytes(StandardCharsets.UTF_8), text.length());
        }

        void end(int channel) {
            messages.send(new byte[] {(byte) 255, (byte) channel}, 2);
        }

        @Override
        public void close() {
            messages.close();
        }
    }

    private Client exec(Stdio stdio, Endpoint.Opener<Session> opener, String... protocols) {
        return new Client(server.url(new Endpoint.Exec(stdio, opener)).get(), protocols);
    }

    @Test
    void keepsChannelsApartAndTellsTheExitCode() throws Exception {
        try (var client = exec(ALL, Local.shell("cat; echo err >&2; exit 9"), V5, "v4.channel.k8s.io")) {
            assertThat(client.messages.protocol()).isEqualTo(V5);
            client.send(0, "hello");
            client.end(0);
            assertThat(client.stdout.text()).isEqualTo("hello");
            assertThat(client.stderr.text()).isEqualTo("err\n");
            assertThat(client.error.text()).contains("\"reason\":\"NonZeroExitCode\"").contains("\"message\":\"9\"");
            assertThat(client.greeting.join()).isEqualTo(1);
            assertThat(client.messages.closeCode).isEqualTo(1000);
        }
    }

    @Test
    void carriesAHundredMegabytesBothWaysAtOnce() throws Exception {
        try (var client = exec(ALL, Local.shell("cat"), V5)) {
            var sent = CompletableFuture.runAsync(() -> {
                try {
                    Pattern.send(4, 100 * MIB, (piece, length) -> client.send(0, piece, length));
                    client.end(0);
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(Pattern.match(4, client.stdout)).isEqualTo(100 * MIB);
            sent.get(60, TimeUnit.SECONDS);
            assertThat(client.error.text()).isEqualTo("{\"metadata\":{},\"status\":\"Success\"}");
        }
    }

    @Test
    void olderProtocolsAreSpokenToo() throws Exception {
        for (String protocol : new String[] {"v4.channel.k8s.io", "v4.base64.channel.k8s.io", "channel.k8s.io", "base64.channel.k8s.io"}) {
            try (var client = exec(ALL, Local.shell("read line; echo got $line; exit 2"), protocol)) {
                assertThat(client.messages.protocol()).isEqualTo(protocol);
                if (protocol.contains("base64")) {
                    client.messages.sendText("0" + Base64.getEncoder().encodeToString("it\n".getBytes(StandardCharsets.UTF_8)));
                } else {
                    client.send(0, "it\n");
                }
                assertThat(client.stdout.text()).isEqualTo("got it\n");
                assertThat(client.error.text()).contains(protocol.startsWith("v4.") ? "\"message\":\"2\"" : "exit code 2");
            }
        }
    }

    @Test
    void aClientThatNamesNoProtocolGetsTheFirst() throws Exception {
        try (var client = exec(new Stdio(false, true, false, false), Local.shell("echo it"))) {
            assertThat(client.stdout.text()).isEqualTo("it\n");
            assertThat(client.error.text()).isEmpty();
        }
    }

    @Test
    void tellsSizesOfTheTerminal() throws Exception {
        var session = Local.run("sleep", "1000");
        try (var client = exec(new Stdio(true, true, false, true), () -> Either.right(session), V5)) {
            client.send(4, "{\"Width\":100,\"Height\":30}");
            assertThat(session.sizes.poll(60, TimeUnit.SECONDS)).isEqualTo("100x30");
        }
        session.closed.get(60, TimeUnit.SECONDS);
    }

    @Test
    void aProtocolNobodyKnowsIsRefused() {
        assertThatThrownBy(() -> exec(ALL, Local.shell("true"), "v9.channel.k8s.io")).hasMessageContaining("WebSocketHandshakeException");
    }

    @Test
    void aSignalToEndAChannelThatIsNotThereEndsTheConnection() throws Exception {
        var session = Local.run("sleep", "1000");
        try (var client = exec(ALL, () -> Either.right(session), V5)) {
            client.end(9);
            session.closed.get(60, TimeUnit.SECONDS);
        }
    }
}
