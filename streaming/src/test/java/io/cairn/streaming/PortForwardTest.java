package io.cairn.streaming;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.testkit.stream.Pattern;
import io.cairn.testkit.stream.Pieces;
import io.cairn.testkit.stream.SpdyClient;
import io.cairn.testkit.stream.Transport.Messages;
import io.cairn.testkit.stream.Transport;
import io.cairn.testkit.stream.Tunnel;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Port-forward over SPDY/3.1, over SPDY in WebSocket messages, and over WebSocket channels. */
@Timeout(120)
class PortForwardTest {
    private static final long MIB = 1L << 20;

    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private StreamingServer server;
    private ServerSocket echo;

    /** The ports of this machine. */
    private final class Here implements PortForward {
        @Override
        public Socket connect(int port) throws IOException {
            return new Socket(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public void close() {
            closed.complete(null);
        }
    }

    @BeforeEach
    void open() throws Exception {
        server = new StreamingServer(StreamingOptions.defaults(SpdyExecTest.LOOPBACK));
        echo = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.startVirtualThread(this::answer);
    }

    @AfterEach
    void close() throws Exception {
        server.close();
        echo.close();
    }

    /** Sends back what comes, and a word after the end. */
    private void answer() {
        while (!echo.isClosed()) {
            try {
                Socket socket = echo.accept();
                Thread.startVirtualThread(() -> {
                    try (socket) {
                        socket.getInputStream().transferTo(socket.getOutputStream());
                        socket.getOutputStream().write("end".getBytes(StandardCharsets.UTF_8));
                    } catch (IOException e) {
                        // The other side has gone.
                    }
                });
            } catch (IOException e) {
                return;
            }
        }
    }

    private String url() {
        return server.url(new Endpoint.Ports(Vector.of(echo.getLocalPort()), () -> Either.right(new Here()))).get();
    }

    private static Map<String, String> headers(String type, int port, String request) {
        return Map.of("streamtype", type, "port", Integer.toString(port), "requestid", request);
    }

    private void speak(SpdyClient client, int request) throws Exception {
        var error = client.open(headers("error", echo.getLocalPort(), Integer.toString(request)));
        error.end();
        var data = client.open(headers("data", echo.getLocalPort(), Integer.toString(request)));
        String said = "hello " + request;
        data.write(said);
        data.end();
        assertThat(data.received.text()).isEqualTo(said + "end");
        assertThat(error.received.text()).isEmpty();
    }

    @Test
    void manyConnectionsShareOne() throws Exception {
        try (var client = SpdyClient.connect(url(), "portforward.k8s.io")) {
            var all = new ArrayList<CompletableFuture<Void>>();
            for (int i = 0; i < 50; i++) {
                int request = i;
                all.add(CompletableFuture.runAsync(() -> {
                    try {
                        speak(client, request);
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                }, Thread::startVirtualThread));
            }
            CompletableFuture.allOf(all.toArray(new CompletableFuture<?>[0])).get(60, TimeUnit.SECONDS);
        }
        closed.get(60, TimeUnit.SECONDS);
    }

    @Test
    void carriesAHundredMegabytesBothWaysAtOnce() throws Exception {
        try (var client = SpdyClient.connect(url(), "portforward.k8s.io")) {
            client.open(headers("error", echo.getLocalPort(), "0"));
            var data = client.open(headers("data", echo.getLocalPort(), "0"));
            CompletableFuture.runAsync(() -> {
                try {
                    Pattern.send(5, 100 * MIB, data::write);
                    data.write("!");
                } catch (Exception e) {
                    throw new IllegalStateException(e);
                }
            });
            assertThat(Pattern.match(5, head(data.received, 100 * MIB))).isEqualTo(100 * MIB);
            assertThat(data.received.read()).isEqualTo('!');
            data.end();
            assertThat(data.received.text()).isEqualTo("end");
        }
    }

    private static InputStream head(InputStream stream, long bytes) {
        return new InputStream() {
            private long left = bytes;

            @Override
            public int read() throws IOException {
                throw new IOException("Expected to be read in pieces");
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                int count = left == 0 ? -1 : stream.read(target, from, (int) Math.min(length, left));
                left -= Math.max(0, count);
                return count;
            }
        };
    }

    @Test
    void olderClientsNumberNothing() throws Exception {
        try (var client = SpdyClient.connect(url(), "portforward.k8s.io")) {
            client.open(Map.of("streamtype", "error", "port", Integer.toString(echo.getLocalPort())));
            var data = client.open(Map.of("streamtype", "data", "port", Integer.toString(echo.getLocalPort())));
            data.end();
            assertThat(data.received.text()).isEqualTo("end");
        }
    }

    @Test
    void aPortNobodyListensAtIsToldAndTheConnectionGoesOn() throws Exception {
        int free;
        try (var socket = new ServerSocket(0)) {
            free = socket.getLocalPort();
        }
        try (var client = SpdyClient.connect(url(), "portforward.k8s.io")) {
            var error = client.open(headers("error", free, "0"));
            var data = client.open(headers("data", free, "0"));
            assertThat(error.received.text()).startsWith("cannot forward port " + free + ": ");
            assertThatThrownBy(() -> data.received.read()).hasMessage("reset");
            speak(client, 1);
        }
    }

    @Test
    void aPodThatCannotBeReachedIsTold() throws Exception {
        String url = server.url(new Endpoint.Ports(Vector.empty(), () -> Either.left("the pod is not ready"))).get();
        try (var client = SpdyClient.connect(url, "portforward.k8s.io")) {
            var error = client.open(headers("error", 80, "0"));
            client.open(headers("data", 80, "0"));
            assertThat(error.received.text()).isEqualTo("the pod is not ready");
        }
    }

    @Test
    void streamsOfNoPortAreRefused() throws Exception {
        try (var client = SpdyClient.connect(url(), "portforward.k8s.io")) {
            for (String port : new String[] {"", "0", "65536", "-1", "http", "99999999999999999999"}) {
                assertThatThrownBy(() -> client.open(Map.of("streamtype", "data", "port", port, "requestid", "7")))
                        .hasMessageContaining("reset");
            }
            assertThatThrownBy(() -> client.open(headers("stdin", 80, "7"))).hasMessageContaining("reset");
            client.open(headers("error", 80, "8"));
            assertThatThrownBy(() -> client.open(headers("error", 80, "8"))).hasMessageContaining("reset");
        }
    }

    @Test
    void spdyInWebSocketMessages() throws Exception {
        try (var client = new SpdyClient(Tunnel.open(url()))) {
            speak(client, 0);
            speak(client, 1);
        }
        closed.get(60, TimeUnit.SECONDS);
    }

    @Test
    void webSocketChannelsBeginWithTheirPort() throws Exception {
        var data = new Pieces();
        var error = new Pieces();
        var messages = Messages.connect(url(), message -> {
            try {
                if (message != null) {
                    (message[0] == 0 ? data : error).put(Arrays.copyOfRange(message, 1, message.length));
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }, "v4.channel.k8s.io");
        int port = echo.getLocalPort();
        assertThat(data.readNBytes(2)).containsExactly(port & 0xff, port >> 8);
        assertThat(error.readNBytes(2)).containsExactly(port & 0xff, port >> 8);
        messages.send("\0hello".getBytes(StandardCharsets.UTF_8), 6);
        assertThat(new String(data.readNBytes(5), StandardCharsets.UTF_8)).isEqualTo("hello");
        messages.close();
        closed.get(60, TimeUnit.SECONDS);
    }
}
