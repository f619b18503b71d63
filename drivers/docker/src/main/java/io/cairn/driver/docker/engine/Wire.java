package io.cairn.driver.docker.engine;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ScheduledFuture;

/**
 * One connection to the engine's socket. One thread may read while another writes; {@link #close} ends both. The JDK's own streams of a
 * channel let only one of them at a time.
 */
final class Wire implements AutoCloseable {
    private final SocketChannel channel;
    private final Path socket;
    private final Deadlines deadlines;
    private final Duration limit;
    /** Time for everything, or for as long as nothing moves. */
    private final boolean renews;
    private volatile Optional<ScheduledFuture<?>> alarm = Optional.empty();
    private volatile long movedNanos = System.nanoTime();
    private volatile boolean unlimited;
    private volatile boolean timeIsUp;

    private Wire(SocketChannel channel, Path socket, Deadlines deadlines, TimeLimit limit) {
        this.channel = channel;
        this.socket = socket;
        this.deadlines = deadlines;
        this.limit = limit.time();
        this.renews = limit.renews();
    }

    static Wire connect(Path socket, Deadlines deadlines, TimeLimit limit) throws NoAnswer {
        SocketChannel channel = null;
        try {
            channel = SocketChannel.open(StandardProtocolFamily.UNIX);
            var wire = new Wire(channel, socket, deadlines, limit);
            if (!limit.time().isZero()) {
                wire.arm(limit.time());
            }
            channel.connect(UnixDomainSocketAddress.of(socket));
            return wire;
        } catch (IOException e) {
            closeQuietly(channel);
            throw new NoAnswer(NoAnswer.Why.NOT_CONNECTED, Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName()), e);
        }
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException _) {
            // Nothing was said on it.
        }
    }

    private void arm(Duration time) {
        alarm = Optional.of(deadlines.after(time, this::expire));
    }

    private void expire() {
        Duration left = renews ? limit.minusNanos(System.nanoTime() - movedNanos) : Duration.ZERO;
        if (unlimited) {
            return;
        }
        if (left.isPositive()) {
            arm(left);
            return;
        }
        timeIsUp = true;
        closeQuietly(channel);
    }

    private void moved() {
        movedNanos = System.nanoTime();
    }

    /** What follows may take as long as it likes. */
    void disarm() {
        unlimited = true;
        alarm.ifPresent(a -> a.cancel(false));
    }

    InputStream input() {
        return new Input();
    }

    OutputStream output() {
        return new Output();
    }

    /** Says that nothing more will be written; reading goes on. */
    void shutdownOutput() throws IOException {
        channel.shutdownOutput();
    }

    private NoAnswer failure(IOException cause) {
        return timeIsUp ? new NoAnswer(NoAnswer.Why.TIME_IS_UP, "time is up", cause)
                : new NoAnswer(NoAnswer.Why.BROKEN, "the connection broke: " + Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName()),
                        cause);
    }

    NoAnswer ended() {
        return failure(new EOFException("the engine closed it before its answer was whole"));
    }

    private final class Input extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            try {
                int count = channel.read(ByteBuffer.wrap(bytes, offset, length));
                moved();
                return count;
            } catch (IOException e) {
                throw failure(e);
            }
        }
    }

    private final class Output extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            ByteBuffer left = ByteBuffer.wrap(bytes, offset, length);
            try {
                while (left.hasRemaining()) {
                    channel.write(left);
                    moved();
                }
            } catch (IOException e) {
                throw failure(e);
            }
        }
    }

    @Override
    public void close() {
        disarm();
        closeQuietly(channel);
    }
}
