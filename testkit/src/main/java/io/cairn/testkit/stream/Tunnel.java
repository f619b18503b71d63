package io.cairn.testkit.stream;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A byte stream in binary WebSocket messages (RFC 6455), by hand: the JDK's client takes no protocol with a slash in its name. */
public record Tunnel(Transport.Upgraded connection) implements Transport {
    private static final int FINAL_BINARY = 0x82;
    private static final int MASKED = 0x80;
    private static final int TWO_BYTES_FOLLOW = 126;

    public static Tunnel open(String url) throws IOException {
        var upgraded = Transport.upgrade("GET", url, "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", "Sec-WebSocket-Protocol: SPDY/3.1+portforward.k8s.io");
        if (upgraded.status() != 101 || !upgraded.header("Sec-WebSocket-Protocol").equals("SPDY/3.1+portforward.k8s.io")) {
            throw new IOException("Expected a tunnel, but got " + upgraded.head());
        }
        return new Tunnel(upgraded);
    }

    /** The mask is zero, so that what is masked is what it was. */
    @Override
    public void send(byte[] bytes, int length) throws IOException {
        for (int at = 0; at < length; at += 1000) {
            int count = Math.min(1000, length - at);
            ByteBuffer frame = ByteBuffer.allocate(8 + count).put((byte) FINAL_BINARY);
            if (count < TWO_BYTES_FOLLOW) {
                frame.put((byte) (MASKED | count));
            } else {
                frame.put((byte) (MASKED | TWO_BYTES_FOLLOW)).putShort((short) count);
            }
            frame.putInt(0).put(bytes, at, count);
            connection.send(frame.array(), frame.position());
        }
    }

    @Override
    public InputStream received() throws IOException {
        var in = new DataInputStream(connection.received());
        return new InputStream() {
            private int left;

            @Override
            public int read() throws IOException {
                throw new IOException("Expected to be read in pieces");
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                while (left == 0) {
                    if (in.readUnsignedByte() != FINAL_BINARY) {
                        return -1;
                    }
                    int size = in.readUnsignedByte();
                    left = size == TWO_BYTES_FOLLOW ? in.readUnsignedShort() : size > TWO_BYTES_FOLLOW ? (int) in.readLong() : size;
                }
                int count = in.read(target, from, Math.min(length, left));
                left -= Math.max(0, count);
                return count;
            }
        };
    }

    @Override
    public void close() throws IOException {
        connection.close();
    }
}
