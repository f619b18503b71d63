package io.cairn.testkit.stream;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A client that behaves as moby/spdystream does: no windows, a reply to each stream is waited for. */
public final class SpdyClient implements AutoCloseable {
    private final Transport transport;
    private final EmbeddedChannel encoder = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final EmbeddedChannel decoder = new EmbeddedChannel(new SpdyFrameCodec(SpdyVersion.SPDY_3_1));
    private final ConcurrentHashMap<Integer, ClientStream> streams = new ConcurrentHashMap<>();
    public final LinkedBlockingQueue<Integer> pongs = new LinkedBlockingQueue<>();
    public final CompletableFuture<Void> ended = new CompletableFuture<>();
    private int next = 1;

    public SpdyClient(Transport transport) {
        this.transport = transport;
        Thread.startVirtualThread(this::receive);
    }

    public static SpdyClient connect(String url, String protocol) throws IOException {
        var upgraded = Transport.upgrade("POST", url, "Connection: Upgrade", "Upgrade: SPDY/3.1", "X-Stream-Protocol-Version: " + protocol);
        if (upgraded.status() != 101) {
            upgraded.close();
            throw new IOException("Expected an upgrade, but got " + upgraded.head());
        }
        return new SpdyClient(upgraded);
    }

    /** One stream, both its halves. */
    public final class ClientStream {
        public final int id;
        public final Pieces received = new Pieces();
        public final CompletableFuture<Boolean> accepted = new CompletableFuture<>();

        ClientStream(int id) {
            this.id = id;
        }

        public void write(byte[] bytes, int length) throws IOException {
            SpdyClient.this.write(new DefaultSpdyDataFrame(id, Unpooled.copiedBuffer(bytes, 0, length)));
        }

        public void write(String text) throws IOException {
            write(text.getBytes(StandardCharsets.UTF_8), text.length());
        }

        public void end() throws IOException {
            SpdyClient.this.write(new DefaultSpdyDataFrame(id).setLast(true));
        }

        public void reset() throws IOException {
            SpdyClient.this.write(new DefaultSpdyRstStreamFrame(id, 5));
        }
    }

    /** Opens a stream and waits for the answer. */
    public ClientStream open(Map<String, String> headers) throws Exception {
        ClientStream stream = offer(headers);
        if (!stream.accepted.get(60, TimeUnit.SECONDS)) {
            throw new IOException("Expected the stream " + headers + " to be accepted, but it was reset");
        }
        return stream;
    }

    public synchronized ClientStream offer(Map<String, String> headers) throws IOException {
        var stream = new ClientStream(next);
        next += 2;
        streams.put(stream.id, stream);
        var frame = new DefaultSpdySynStreamFrame(stream.id, 0, (byte) 0);
        headers.forEach(frame.headers()::add);
        write(frame);
        return stream;
    }

    public ClientStream open(String type) throws Exception {
        return open(Map.of("streamtype", type));
    }

    public void ping(int id) throws IOException {
        write(new DefaultSpdyPingFrame(id));
    }

    private synchronized void write(Object frame) throws IOException {
        encoder.writeOutbound(frame);
        for (ByteBuf bytes = encoder.readOutbound(); bytes != null; bytes = encoder.readOutbound()) {
            byte[] array = ByteBufUtil.getBytes(bytes);
            bytes.release();
            transport.send(array, array.length);
        }
    }

    private void receive() {
        byte[] buffer = new byte[64 * 1024];
        try {
            var in = transport.received();
            for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
                decoder.writeInbound(Unpooled.wrappedBuffer(Arrays.copyOf(buffer, count)));
                for (Object frame = decoder.readInbound(); frame != null; frame = decoder.readInbound()) {
                    take(frame);
                    ReferenceCountUtil.release(frame);
                }
            }
        } catch (IOException | InterruptedException e) {
            // The end of the connection, as the other one.
        } finally {
            streams.values().forEach(s -> s.accepted.complete(false));
            // Whatever has not been read yet stays readable.
            streams.values().forEach(s -> Thread.startVirtualThread(() -> endQuietly(s)));
            ended.complete(null);
        }
    }

    private static void endQuietly(ClientStream stream) {
        try {
            stream.received.end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void take(Object frame) throws InterruptedException {
        switch (frame) {
            case SpdySynReplyFrame reply -> streams.get(reply.streamId()).accepted.complete(true);
            case SpdyRstStreamFrame reset -> {
                ClientStream stream = streams.get(reset.streamId());
                stream.accepted.complete(false);
                stream.received.cutOff();
            }
            case SpdyDataFrame data -> {
                Pieces pieces = streams.get(data.streamId()).received;
                pieces.put(ByteBufUtil.getBytes(data.content()));
                if (data.isLast()) {
                    pieces.end();
                }
            }
            case SpdyPingFrame ping -> pongs.add(ping.id());
            default -> {
                // A goodbye.
            }
        }
    }

    @Override
    public void close() throws IOException {
        transport.close();
    }
}
