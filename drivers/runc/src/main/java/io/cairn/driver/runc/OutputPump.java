package io.cairn.driver.runc;

import com.google.protobuf.ByteString;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Pipe;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Reads the output of a command while it runs, keeping a bounded part and dropping the rest, until all writers are gone or it is
 * told to stop. A process the command left behind, holding the pipes open, keeps nobody waiting.
 */
final class OutputPump implements AutoCloseable {
    private static final int TICK_MILLIS = 50;
    private static final int BUFFER_BYTES = 1 << 16;

    private final List<Stream> streams;
    private final boolean oneLine;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long stopAtNanos;
    private volatile boolean stopping;
    private boolean started;

    private static final class Stream {
        final Pipe pipe;
        final int bytesMax;
        final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        Stream(Pipe pipe, int bytesMax) {
            this.pipe = pipe;
            this.bytesMax = bytesMax;
        }

        synchronized void keep(byte[] buffer, int count) {
            kept.write(buffer, 0, Math.min(count, bytesMax - kept.size()));
        }

        synchronized ByteString bytes() {
            return ByteString.copyFrom(kept.toByteArray());
        }
    }

    /** @param oneLine stop when the first stream has brought a line */
    private OutputPump(List<Pipe> pipes, int bytesMax, boolean oneLine) {
        this.streams = pipes.stream().map(p -> new Stream(p, bytesMax)).toList();
        this.oneLine = oneLine;
    }

    static OutputPump open(int count, int bytesMax, boolean oneLine) throws LinuxException {
        var pipes = new ArrayList<Pipe>();
        try {
            for (int i = 0; i < count; i++) {
                pipes.add(Pipe.open());
            }
        } catch (LinuxException e) {
            pipes.forEach(Pipe::close);
            throw e;
        }
        return new OutputPump(pipes, bytesMax, oneLine);
    }

    java.io.File writeEnd(int stream) {
        return streams.get(stream).pipe.writeEnd();
    }

    /** To be called once the child runs; takes the pipes over. */
    void start() {
        started = true;
        streams.forEach(s -> s.pipe.closeWriteEnd());
        // A platform thread: poll(2) would hold a carrier of the virtual threads for as long as the command runs.
        Thread.ofPlatform().daemon().name("cairn-output").start(this::pump);
    }

    private void pump() {
        var open = new ArrayList<>(streams);
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            while (!open.isEmpty() && !(stopping && System.nanoTime() - stopAtNanos >= 0)) {
                boolean[] ready = Pipe.await(open.stream().map(s -> s.pipe).toList(), TICK_MILLIS);
                for (int i = ready.length - 1; i >= 0; i--) {
                    int count = ready[i] ? open.get(i).pipe.read(buffer) : -1;
                    if (count > 0) {
                        open.get(i).keep(buffer, count);
                    } else if (count == 0) {
                        open.remove(i);
                    }
                }
                if (oneLine && hasLine()) {
                    break;
                }
            }
        } catch (LinuxException e) {
            // What was read until then is what there is; the exit code tells how the command went.
        } finally {
            streams.forEach(s -> s.pipe.close());
            done.countDown();
        }
    }

    private boolean hasLine() {
        return streams.getFirst().bytes().toStringUtf8().indexOf('\n') >= 0;
    }

    /** Waits until everything was read; at most so long. */
    boolean await(long millis) throws InterruptedException {
        return done.await(millis, TimeUnit.MILLISECONDS);
    }

    /** The command has ended: waits for what is still in the pipes, at most so long, and closes them. */
    void finish(long drainMillis) throws InterruptedException {
        stopAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(drainMillis);
        stopping = true;
        done.await();
    }

    ByteString bytes(int stream) {
        return streams.get(stream).bytes();
    }

    /** Gives up what has not ended. Only the thread that reads the pipes may close them: their numbers are used again at once. */
    @Override
    public void close() {
        if (started) {
            stopAtNanos = System.nanoTime();
            stopping = true;
        } else {
            streams.forEach(s -> s.pipe.close());
        }
    }
}
