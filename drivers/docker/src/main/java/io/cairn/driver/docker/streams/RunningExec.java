package io.cairn.driver.docker.streams;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.EngineStream;
import io.cairn.driver.host.ProcessFamily;
import io.cairn.driver.host.ProcessRef;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/**
 * A command that runs in a container: its end, and how it is brought about. The end of its output is the hint that it has ended, the process
 * says whether it has, the engine how.
 */
final class RunningExec {
    /** A process that was left behind may hold the output; then it is the process of the command that tells. */
    private static final Duration LOOK = Duration.ofMillis(250);
    /** Between the end of a process and the engine's word on it. */
    private static final Duration WORD_MAX = Duration.ofSeconds(30);
    private static final long PAUSE_MILLIS = 2;

    private final Engine engine;
    private final ExecRecord record;
    private final Path file;
    private final long pid;
    private final EngineStream connection;
    private final Delivery delivery;
    private final boolean terminal;
    private volatile boolean ended;

    /** @param pid of its process, which may have ended already */
    RunningExec(Engine engine, ExecRecord record, Path file, long pid, EngineStream connection, Delivery delivery, boolean terminal) {
        this.engine = engine;
        this.record = record;
        this.file = file;
        this.pid = pid;
        this.connection = connection;
        this.delivery = delivery;
        this.terminal = terminal;
    }

    Delivery delivery() {
        return delivery;
    }

    /** With a terminal its end is a character, and not the end of a stream. */
    Input input() {
        return new Input(connection, !terminal);
    }

    /**
     * Waits for its end.
     *
     * @return its exit code; none when it still runs after that time
     * @throws IOException nobody has seen how it ended; the message is for the client
     */
    Option<Integer> await(Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (isAlive()) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Option.none();
            }
            Duration look = Duration.ofNanos(Math.min(left, LOOK.toNanos()));
            // A command may close its output and go on. An engine that is gone says nothing any more of any command.
            if (delivery.awaitEnd(look) && !record.process().get().awaitEnd(Math.max(1, look.toMillis()))) {
                requireEngine();
            }
        }
        int code = exitCode();
        ended = true;
        Files.deleteIfExists(file);
        return Option.some(code);
    }

    private boolean isAlive() throws IOException {
        return record.process().isDefined() && record.process().get().isAlive();
    }

    private void requireEngine() throws IOException {
        try {
            if (ExecState.of(engine, record.engineId()).isEmpty()) {
                throw unseen("the engine does not know it any more");
            }
        } catch (DriverException e) {
            if (e.kind() != Failure.Kind.TIMED_OUT) {
                throw unseen(e.getMessage());
            }
        }
    }

    private int exitCode() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + WORD_MAX.toNanos();
        String word = "the engine says that it still runs";
        while (System.nanoTime() - deadline < 0) {
            try {
                Option<ExecState> state = ExecState.of(engine, record.engineId());
                if (state.isEmpty()) {
                    throw unseen("the engine does not know it any more");
                }
                if (state.get().exitCode().isDefined()) {
                    return state.get().exitCode().get();
                }
            } catch (DriverException e) {
                if (e.kind() != Failure.Kind.TIMED_OUT) {
                    throw unseen(e.getMessage());
                }
                word = e.getMessage();
            }
            Thread.sleep(PAUSE_MILLIS);
        }
        throw unseen(word);
    }

    private static IOException unseen(String why) {
        return new IOException("nobody saw how the command ended: " + why);
    }

    void resize(int columns, int rows) throws IOException {
        try {
            engine.resizeExec(record.engineId(), rows, columns);
        } catch (DriverException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Frees what it holds here; one that still runs is ended, with what it has started. */
    void close() throws IOException {
        delivery.close();
        if (!ended) {
            ProcessFamily.kill(pid, RunningContainer.cgroups(record.cgroupsPath()));
            Files.deleteIfExists(file);
        }
    }
}
