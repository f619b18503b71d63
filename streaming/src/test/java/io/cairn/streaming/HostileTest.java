package io.cairn.streaming;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.testkit.stream.SpdyClient;
import io.cairn.testkit.stream.Transport;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySettingsFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdyWindowUpdateFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyVersion;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Clients that break the rules: they are sent away, the others do not notice. */
@Timeout(300)
class HostileTest {
    private static final int ROUNDS = 150;
    private static final Stdio ALL = new Stdio(true, true, true, false);
    private static final String[] SPDY = {"Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: v4.channel.k8s.io"};

    private StreamingServer server;

    @BeforeEach
    void open() throws Exception {
        server = new StreamingServer(StreamingOptions.defaults(SpdyExecTest.LOOPBACK).withCreationTimeout(Duration.ofSeconds(5)));
    }

    @AfterEach
    void close() {
        server.close();
    }

    private void stillServes() throws Exception {
        String url = server.url(new Endpoint.Exec(ALL, Local.shell("cat"))).get();
        try (var client = SpdyClient.connect(url, "v4.channel.k8s.io")) {
            var error = client.open("error");
            var stdin = client.open("stdin");
            var stdout = client.open("stdout");
            client.open("stderr");
            stdin.write("still here");
            stdin.end();
            assertThat(stdout.received.text()).isEqualTo("still here");
            assertThat(error.received.text()).contains("Success");
        }
    }

    /** Says something to a connection and waits for its end, whatever comes back. */
    private static void sayAndLeave(Transport.Upgraded connection, byte[] words) throws IOException {
        try (connection) {
            connection.send(words, words.length);
            connection.socket().shutdownOutput();
            connection.received().readAllBytes();
        } catch (IOException e) {
            assertThat(e).hasMessageNotContaining("timed out");
        }
    }

    @Test
    void brokenSpdyFrames() throws Exception {
        for (long seed = 0; seed < ROUNDS; seed++) {
            var random = new Random(seed);
            String url = server.url(new Endpoint.Exec(ALL, Local.shell("head -c 10"))).get();
            try {
                sayAndLeave(Transport.upgrade("POST", url, SPDY), seed % 3 == 0 ? noise(random) : mutated(frames(random), random));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        stillServes();
    }

    @Test
    void brokenWebSocketFrames() throws Exception {
        for (long seed = 0; seed < ROUNDS; seed++) {
            var random = new Random(seed);
            String protocol = new String[] {"v5.channel.k8s.io", "v4.base64.channel.k8s.io", ""}[random.nextInt(3)];
            String url = server.url(new Endpoint.Exec(ALL, Local.shell("head -c 10"))).get();
            var headers = new ArrayList<>(List.of("Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                    "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA=="));
            if (!protocol.isEmpty()) {
                headers.add("Sec-WebSocket-Protocol: " + protocol);
            }
            try {
                sayAndLeave(Transport.upgrade("GET", url, headers.toArray(new String[0])),
                        seed % 3 == 0 ? noise(random) : mutated(messages(random), random));
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed, e);
            }
        }
        stillServes();
    }

    private static byte[] noise(Random random) {
        byte[] bytes = new byte[1 + random.nextInt(3000)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A conversation as it might be, in which some frames make no sense where they stand. */
    private static byte[] frames(Random random) {
        var encoder = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
        var all = new ByteArrayOutputStream();
        String[] types = {"error", "stdin", "stdout", "stderr", "resize", "", "data"};
        for (int i = 0; i < 20; i++) {
            int id = 1 + random.nextInt(12);
            switch (random.nextInt(6)) {
                case 0, 1 -> {
                    var frame = new DefaultSpdySynStreamFrame(id, 0, (byte) 0);
                    frame.headers().add("streamtype", types[random.nextInt(types.length)]);
                    frame.headers().add("port", Integer.toString(random.nextInt()));
                    encoder.writeOutbound(frame);
                }
                case 2 -> encoder.writeOutbound(new DefaultSpdyDataFrame(id, Unpooled.wrappedBuffer(noise(random))).setLast(random.nextBoolean()));
                case 3 -> encoder.writeOutbound(new DefaultSpdyRstStreamFrame(id, 1 + random.nextInt(11)));
                case 4 -> encoder.writeOutbound(new DefaultSpdyPingFrame(random.nextInt()));
                default -> encoder.writeOutbound(random.nextBoolean() ? new DefaultSpdyWindowUpdateFrame(id, 1 + random.nextInt(1000))
                        : new DefaultSpdySettingsFrame().setValue(7, random.nextInt(1 << 20)));
            }
            for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
                all.writeBytes(ByteBufUtil.getBytes(bytes));
                bytes.release();
            }
        }
        return all.toByteArray();
    }

    private static byte[] messages(Random random) {
        var all = new ByteArrayOutputStream();
        for (int i = 0; i < 20; i++) {
            byte[] payload = noise(random);
            int length = Math.min(payload.length, 100);
            all.write(new int[] {0x82, 0x81, 0x02, 0x80, 0x89, 0x8a, 0x88, 0xf2}[random.nextInt(8)]);
            all.write(0x80 | length);
            all.writeBytes(new byte[4]);
            payload[0] = (byte) new int[] {0, 4, 255, 9, '0', '4'}[random.nextInt(6)];
            all.write(payload, 0, length);
        }
        return all.toByteArray();
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        for (int i = random.nextInt(8); i > 0; i--) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
        }
        return bytes;
    }

    @Test
    void aFloodOfHeadersIsRefused() throws Exception {
        try (var client = SpdyClient.connect(server.url(new Endpoint.Exec(ALL, Local.shell("true"))).get(), "v4.channel.k8s.io")) {
            for (int i = 0; i < 10; i++) {
                assertThat(client.offer(Map.of("streamtype", "error", "flood", "x".repeat(60_000))).accepted.get()).isFalse();
            }
        }
        stillServes();
    }

    /** Pings ask for answers; a client that reads none of them must not fill the memory. */
    @Test
    void aFloodOfPingsThatNobodyReadsIsNotAnswered() throws Exception {
        String url = server.url(new Endpoint.Exec(ALL, Local.shell("true"))).get();
        try (var connection = Transport.upgrade("POST", url, SPDY)) {
            byte[] ping = {(byte) 0x80, 3, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1};
            byte[] many = new byte[ping.length * 1000];
            for (int i = 0; i < 1000; i++) {
                System.arraycopy(ping, 0, many, i * ping.length, ping.length);
            }
            long sent = sendUntilStuck(connection.socket(), many);
            assertThat(sent).isLessThan(64L << 20);
        }
        stillServes();
    }

    /** @return how many bytes went out before none went any more for as long as a socket may take to be drained */
    private static long sendUntilStuck(Socket socket, byte[] bytes) throws Exception {
        var sent = new AtomicLong();
        var sender = Thread.ofPlatform().daemon().start(() -> {
            try {
                while (sent.get() < 64L << 20) {
                    socket.getOutputStream().write(bytes);
                    sent.addAndGet(bytes.length);
                }
            } catch (IOException e) {
                // Sent away, or the test is over.
            }
        });
        long before = -1;
        while (sender.isAlive() && sent.get() != before) {
            before = sent.get();
            sender.join(2000);
        }
        return sent.get();
    }

    @Test
    void aThousandConnectionsThatSayNothing() throws Exception {
        var idle = new ArrayList<Socket>();
        try {
            for (int i = 0; i < 1000; i++) {
                idle.add(new Socket(server.address().getAddress(), server.address().getPort()));
            }
            stillServes();
            // They are closed when their time is up: the server's end shows as the end of the stream.
            for (Socket socket : idle) {
                socket.setSoTimeout(60_000);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket socket : idle) {
                socket.close();
            }
        }
    }

    @Test
    void moreConnectionsThanTheLimitAreClosedAtOnce() throws Exception {
        try (var small = new StreamingServer(StreamingOptions.defaults(SpdyExecTest.LOOPBACK).withLimits(10, 2));
                var first = new Socket(small.address().getAddress(), small.address().getPort());
                var second = new Socket(small.address().getAddress(), small.address().getPort())) {
            first.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            assertThat(first.getInputStream().readAllBytes()).isNotEmpty();
            second.setSoTimeout(60_000);
            try (var third = new Socket(small.address().getAddress(), small.address().getPort());
                    var fourth = new Socket(small.address().getAddress(), small.address().getPort())) {
                fourth.setSoTimeout(60_000);
                assertThat(fourth.getInputStream().read()).isEqualTo(-1);
                assertThat(third.isConnected()).isTrue();
            }
        }
    }

    /** What is not read is not taken: the sender is stopped, whatever it has to say. */
    @Test
    void inputNobodyReadsStopsTheSender() {
        var channel = new EmbeddedChannel();
        var inbox = new Inbox(new Intake(channel));
        ByteBuf piece = Unpooled.wrappedBuffer(new byte[1024]);
        int pieces = 0;
        while (channel.config().isAutoRead()) {
            inbox.put(piece.duplicate());
            pieces++;
        }
        assertThat(pieces).isLessThan(300);
        inbox.close();
        assertThat(channel.config().isAutoRead()).isTrue();
    }
}
