package io.cairn.driver.runc;

import io.cairn.driver.host.UnreadOutput;
import io.cairn.driver.host.UnreadOutput.Limit;
import io.cairn.linux.Descriptor;
import io.cairn.streaming.Endpoint.Stdio;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;

/**
 * The streams of a process that conmon holds. On its socket each message is, from conmon, one byte that names the stream and then a
 * piece of it; to conmon, a piece of the input. conmon waits for a client that does not read, and with it waits the process.
 */
final class ConmonStreams implements AutoCloseable {
    /** conmon reads at most 32 KiB of a message and drops the rest; it sends 8 KiB. */
    private static final int INPUT_BYTES_MAX = 8 * 1024;
    private static final int MESSAGE_BYTES_MAX = 16 * 1024;
    /** What waits here of one output at most. */
    private static final int HELD_PIECES_MAX = 16;
    private static final int STDOUT = 2;
    private static final int STDERR = 3;

    private final Descriptor socket;
    private final UnreadOutput stdout = new UnreadOutput(Limit.pieces(HELD_PIECES_MAX));
    private final UnreadOutput stderr = new UnreadOutput(Limit.pieces(HELD_PIECES_MAX));
    private final CountDownLatch ended = new CountDownLatch(1);

    ConmonStreams(Descriptor socket, Stdio stdio) {
        this.socket = socket;
        if (!stdio.stdout()) {
            stdout.close();
        }
        if (!stdio.stderr()) {
            stderr.close();
        }
        Thread.ofVirtual().name("cairn-attach").start(this::sort);
    }

    private void sort() {
        byte[] message = new byte[MESSAGE_BYTES_MAX];
        try {
            for (int count = socket.read(message, 0, message.length); count >= 0; count = socket.read(message, 0, message.length)) {
                byte[] piece = Arrays.copyOfRange(message, 1, count);
                switch (message[0]) {
                    case STDOUT -> stdout.put(piece, UnreadOutput.PATIENT);
                    case STDERR -> stderr.put(piece, UnreadOutput.PATIENT);
                    default -> throw new IOException("Expected stream 2 or 3 of conmon, but got " + message[0]);
                }
            }
        } catch (IOException | InterruptedException e) {
            // Closed from here, or by a conmon that was killed: what came is all there is.
        } finally {
            stdout.end();
            stderr.end();
            ended.countDown();
        }
    }

    InputStream stdout() {
        return stdout;
    }

    InputStream stderr() {
        return stderr;
    }

    OutputStream stdin() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                for (int at = 0; at < length; at += INPUT_BYTES_MAX) {
                    socket.write(bytes, from + at, Math.min(INPUT_BYTES_MAX, length - at));
                }
            }

            @Override
            public void close() throws IOException {
                socket.shutdownOutput();
            }
        };
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    @Override
    public void close() {
        socket.close();
        stdout.close();
        stderr.close();
    }
}
