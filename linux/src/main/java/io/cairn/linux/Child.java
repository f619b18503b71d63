package io.cairn.linux;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import jnr.constants.platform.Errno;

/**
 * A program this process has started. One thread feeds its input, reads its outputs and waits for its end, all at once; what the
 * program leaves behind, holding the outputs open, keeps nobody waiting. Thread-safe.
 *
 * <p>The thread is a platform thread: poll(2) would hold a carrier of the virtual threads for as long as the program runs. It lives
 * until the program has ended, so that none stays a zombie.
 */
public final class Child implements AutoCloseable {
    /** How soon a changed mind about the outputs is noticed. Nobody waits for it who gets what he expects. */
    private static final int TICK_MILLIS = 50;
    private static final long ENDLESS_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final int FOREVER = -1;
    private static final int BUFFER_BYTES = 1 << 16;
    private static final int SIGNALLED = 128;
    private static final int SIGNAL_MASK = 0x7f;
    private static final int CODE_SHIFT = 8;
    private static final int CODE_MASK = 0xff;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private final int pid;
    private final int pidFd;
    private final List<Output> outputs;
    private final BooleanSupplier enough;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final CountDownLatch read = new CountDownLatch(1);
    private final Object signalling = new Object();
    private volatile int exitCode;
    private volatile long stopAtNanos;
    private volatile boolean stopping;
    private volatile boolean abandoned;

    private interface Calls {
        int waitpid(int pid, int[] status, int options);

        int kill(int pid, int signal);

        int close(int fd);
    }

    /** Where an output goes; called by the child's thread only. */
    @FunctionalInterface
    public interface Sink {
        void accept(byte[] buffer, int from, int to);
    }

    /**
     * One output of a program, and who gets it.
     *
     * @param number of the descriptor it is to the program; none for one that is opened by its path
     */
    public record Output(Optional<Integer> number, Pipe pipe, Sink sink) {
        /** What the program writes to a descriptor: 1, 2, or another it is told of. */
        public static Output of(int number, Sink sink) throws LinuxException {
            return new Output(Optional.of(number), Pipe.open(), sink);
        }

        /** What is written to {@link Pipe#writeEnd}, which can be opened as long as the program runs. */
        public static Output at(Pipe pipe, Sink sink) {
            return new Output(Optional.empty(), pipe, sink);
        }
    }

    private Child(int pid, int pidFd, List<Output> outputs, BooleanSupplier enough) {
        this.pid = pid;
        this.pidFd = pidFd;
        this.outputs = outputs;
        this.enough = enough;
    }

    /** As the other, reading the outputs to their end. */
    public static Child start(Program program, byte[] input, Output... outputs) throws LinuxException {
        return start(program, input, () -> false, outputs);
    }

    /**
     * Starts a program that talks with somebody else than this object.
     *
     * @param descriptors number in the program to number here; they stay the caller's to close
     */
    public static Child start(Program program, Map<Integer, Integer> descriptors) throws LinuxException {
        return start(program, new byte[0], () -> false, descriptors);
    }

    /**
     * Starts a program. Its descriptors 0 to 2 are /dev/null where nothing else is said, all others are closed.
     *
     * @param input for its descriptor 0; empty: /dev/null
     * @param enough asked after each piece of output; once it is true and the program has ended, nothing more is read
     * @param outputs whose pipes are the child's from now on, also when this fails
     */
    public static Child start(Program program, byte[] input, BooleanSupplier enough, Output... outputs) throws LinuxException {
        return start(program, input, enough, Map.of(), outputs);
    }

    private static Child start(Program program, byte[] input, BooleanSupplier enough, Map<Integer, Integer> given, Output... outputs)
            throws LinuxException {
        var pipes = new ArrayList<>(List.of(outputs).stream().map(Output::pipe).toList());
        try {
            var descriptors = new HashMap<>(given);
            for (Output output : outputs) {
                output.number().ifPresent(number -> descriptors.put(number, output.pipe().writeFd()));
            }
            var feed = new Feed(input);
            pipes.add(feed.pipe());
            if (!feed.isDone()) {
                descriptors.put(0, feed.pipe().readFd());
            }
            int pid = Spawn.run(program, descriptors);
            var child = new Child(pid, pidFd(pid), List.of(outputs), enough);
            feed.pipe().closeReadEnd();
            Thread.ofPlatform().daemon().name("cairn-child").start(() -> child.attend(feed));
            return child;
        } catch (LinuxException | RuntimeException e) {
            pipes.forEach(Pipe::close);
            throw e;
        }
    }

    /** Nobody else waits for the child, so this is its pid even if it has ended already. */
    private static int pidFd(int pid) throws LinuxException {
        try {
            return Processes.pidFd(pid);
        } catch (LinuxException e) {
            // Most likely there are too many files open. What nobody can watch must not run.
            CALLS.kill(pid, Processes.SIGKILL);
            reap(pid);
            throw e;
        }
    }

    private static int reap(int pid) throws LinuxException {
        int[] status = new int[1];
        while (CALLS.waitpid(pid, status, 0) == -1) {
            if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("waitpid", pid);
            }
        }
        int signal = status[0] & SIGNAL_MASK;
        return signal == 0 ? status[0] >> CODE_SHIFT & CODE_MASK : SIGNALLED + signal;
    }

    private void attend(Feed feed) {
        try {
            read(feed);
        } catch (LinuxException e) {
            // What was read until then is what there is; the exit code tells how the program went.
        } finally {
            outputs.forEach(output -> output.pipe().close());
            feed.pipe().close();
            read.countDown();
        }
        try {
            while (!hasEnded()) {
                var poll = new Poll();
                int exit = poll.add(pidFd, Poll.IN);
                poll.await(FOREVER);
                if (poll.isReady(exit)) {
                    bury();
                }
            }
        } catch (LinuxException e) {
            throw new IllegalStateException("Expected to be told of the end of process %d, but: %s".formatted(pid, e.getMessage()), e);
        }
    }

    private void read(Feed feed) throws LinuxException {
        byte[] buffer = new byte[outputs.isEmpty() ? 0 : BUFFER_BYTES];
        var open = new ArrayList<>(outputs);
        while (!open.isEmpty() || !hasEnded() && !feed.isDone()) {
            if (abandoned || hasEnded() && enough.getAsBoolean()) {
                return;
            }
            var poll = new Poll();
            int exit = hasEnded() ? Poll.NONE : poll.add(pidFd, Poll.IN);
            int input = feed.isDone() ? Poll.NONE : poll.add(feed.pipe().writeFd(), Poll.OUT);
            List<Integer> places = open.stream().map(output -> poll.add(output.pipe().readFd(), Poll.IN)).toList();
            poll.await(open.isEmpty() ? FOREVER : TICK_MILLIS);
            if (poll.isReady(input)) {
                feed.push();
            }
            if (isReadingOver(places.stream().noneMatch(poll::isReady))) {
                return;
            }
            for (int i = places.size() - 1; i >= 0; i--) {
                if (poll.isReady(places.get(i)) && !pass(open.get(i), buffer)) {
                    open.remove(i);
                }
            }
            if (poll.isReady(exit)) {
                bury();
                feed.pipe().close();
                // Only now: the program may have had to open one by its path.
                outputs.forEach(output -> output.pipe().closeWriteEnd());
            }
        }
    }

    /** What is in the pipes is read, though this thread may have had to wait for a processor; what is written to them without an end is not. */
    private boolean isReadingOver(boolean nothingIsReady) {
        long overNanos = System.nanoTime() - stopAtNanos;
        return stopping && overNanos >= (nothingIsReady ? 0 : ENDLESS_NANOS);
    }

    /** @return false at the end of the output */
    private static boolean pass(Output output, byte[] buffer) throws LinuxException {
        int count = output.pipe().read(buffer);
        if (count > 0) {
            output.sink().accept(buffer, 0, count);
        }
        return count > 0;
    }

    /** Takes note of the program's end; after this its pid may be another's. */
    private void bury() throws LinuxException {
        synchronized (signalling) {
            exitCode = reap(pid);
            CALLS.close(pidFd);
            ended.countDown();
        }
    }

    /** Its process group's number, too. Another's, possibly, once it has ended. */
    public long pid() {
        return pid;
    }

    /** Waits until the program has ended; at most so long. */
    public boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    public boolean hasEnded() {
        return ended.getCount() == 0;
    }

    /** Of a program that has ended: its own, or 128 + signal. */
    public int exitCode() {
        if (!hasEnded()) {
            throw new IllegalStateException("Expected process %d to have ended".formatted(pid));
        }
        return exitCode;
    }

    /** Waits until everything was read; at most so long. */
    public boolean awaitOutput(Duration limit) throws InterruptedException {
        return read.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Waits for what is still in the pipes, at most so long, and closes them. */
    public void finish(Duration drain) throws InterruptedException {
        stopAtNanos = System.nanoTime() + drain.toNanos();
        stopping = true;
        read.await();
    }

    /** SIGKILL, to this program and to no other that has its pid by now. */
    public void kill() {
        synchronized (signalling) {
            if (!hasEnded()) {
                CALLS.kill(pid, Processes.SIGKILL);
            }
        }
    }

    /** Gives up the outputs that have not ended. The program runs on. */
    @Override
    public void close() {
        abandoned = true;
    }
}
