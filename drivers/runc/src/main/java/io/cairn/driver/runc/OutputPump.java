package io.cairn.driver.runc;

import io.cairn.linux.LinuxException;
import io.cairn.linux.Pipe;
import java.io.File;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Reads the outputs of a command while it runs, until all writers are gone, it has enough, or it is told to stop. A process the
 * command left behind, holding the pipes open, keeps nobody waiting.
 */
final class OutputPump implements AutoCloseable {
    private static final int TICK_MILLIS = 50;
    private static final int BUFFER_BYTES = 1 << 16;

    private final List<Stream> streams;
    private final CountDownLatch done = new CountDownLatch(1);
    private volatile long stopAtNanos;
    private volatile boolean stopping;
    private boolean started;

    /** Where one output goes; called by the reading thread only. */
    @FunctionalInterface
    interface Sink {
        void accept(byte[] buffer, int from, int to);
    }

    private record Stream(Pipe pipe, Sink sink) {}

    private OutputPump(List<Stream> streams) {
        this.streams = streams;
    }

    /** One pipe for each sink. */
    static OutputPump open(Sink... sinks) throws LinuxException {
        var streams = new ArrayList<Stream>();
        try {
            for (Sink sink : sinks) {
                streams.add(new Stream(Pipe.open(), sink));
            }
        } catch (LinuxException e) {
            streams.forEach(s -> s.pipe().close());
            throw e;
        }
        return new OutputPump(List.copyOf(streams));
    }

    /** What to open for writing, by the sink's position; it can be opened by this process and its children until {@link #start}. */
    File writeEnd(int stream) {
        return streams.get(stream).pipe().writeEnd();
    }

    /**
     * To be called when everybody who writes has opened his pipe. From then on the pipes belong to the reading thread.
     *
     * @param enough asked after each piece; true ends the reading
     */
    void start(BooleanSupplier enough) {
        started = true;
        streams.forEach(s -> s.pipe().closeWriteEnd());
        // A platform thread: poll(2) would hold a carrier of the virtual threads for as long as the command runs.
        Thread.ofPlatform().daemon().name("cairn-output").start(() -> pump(enough));
    }

    private void pump(BooleanSupplier enough) {
        var open = new ArrayList<>(streams);
        byte[] buffer = new byte[BUFFER_BYTES];
        try {
            while (!open.isEmpty() && !enough.getAsBoolean() && !(stopping && System.nanoTime() - stopAtNanos >= 0)) {
                boolean[] ready = Pipe.await(open.stream().map(Stream::pipe).toList(), TICK_MILLIS);
                for (int i = ready.length - 1; i >= 0; i--) {
                    int count = ready[i] ? open.get(i).pipe().read(buffer) : -1;
                    if (count > 0) {
                        open.get(i).sink().accept(buffer, 0, count);
                    } else if (count == 0) {
                        open.remove(i);
                    }
                }
            }
        } catch (LinuxException e) {
            // What was read until then is what there is; the exit code tells how the command went.
        } finally {
            streams.forEach(s -> s.pipe().close());
            done.countDown();
        }
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

    /** Gives up what has not ended. Only the thread that reads the pipes may close them: their numbers are used again at once. */
    @Override
    public void close() {
        if (started) {
            stopAtNanos = System.nanoTime();
            stopping = true;
        } else {
            streams.forEach(s -> s.pipe().close());
        }
    }
}
