package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.io.ExecStreams;
import io.cairn.driver.containerd.io.ExecTask;
import io.cairn.driver.host.ProcessRef;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that runs in a container: its end, and how it is brought about. */
final class RunningExec implements ExecTask {
    private static final Logger LOG = LoggerFactory.getLogger(RunningExec.class);
    /** A wait of containerd's is asked for again after this, or when containerd was away meanwhile. */
    private static final Duration WAIT_MAX = Duration.ofMinutes(10);
    private static final Duration AWAY_PAUSE = Duration.ofMillis(200);

    private final Backend backend;
    private final Container container;
    private final String execId;
    private final long pid;
    private final ExecStreams streams;
    private final ShimTask shim;

    RunningExec(Backend backend, Container container, String execId, long pid, ExecStreams streams) {
        this.backend = backend;
        this.container = container;
        this.execId = execId;
        this.pid = pid;
        this.streams = streams;
        this.shim = new ShimTask(backend.tasks(), container.id(), execId);
    }

    Session session() {
        return streams.session(this);
    }

    /** @return its exit code; none when it still runs after that time */
    Option<Integer> await(Duration limit) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + limit.toNanos();
        while (true) {
            long left = deadline - System.nanoTime();
            if (left <= 0) {
                return Option.none();
            }
            try {
                Duration wait = WAIT_MAX.toNanos() < left ? WAIT_MAX : Duration.ofNanos(left);
                int code = backend.tasks().await(container.id(), execId, wait)
                        .getOrElseThrow(() -> new IOException("nobody saw how the command ended: containerd does not know it any more"));
                forget();
                return Option.some(code);
            } catch (DriverException e) {
                if (Thread.currentThread().isInterrupted()) {
                    throw new InterruptedException(e.getMessage());
                }
                requireHope(e);
            }
        }
    }

    /** While containerd is away the shim keeps the exit code, as long as it lives. */
    private void requireHope(DriverException e) throws IOException, InterruptedException {
        switch (e.kind()) {
            case TIMED_OUT -> { }
            case UNAVAILABLE -> Thread.sleep(AWAY_PAUSE);
            default -> throw new IOException("nobody saw how the command ended: " + e.getMessage(), e);
        }
    }

    private void forget() {
        try {
            backend.tasks().deleteExec(container.id(), execId);
        } catch (DriverException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    @Override
    public int await() throws IOException, InterruptedException {
        while (true) {
            Option<Integer> code = await(WAIT_MAX);
            if (code.isDefined()) {
                return code.get();
            }
        }
    }

    @Override
    public void abandon() throws IOException {
        try {
            new Execs(backend).end(container, execId, ProcessRef.of(pid).isDefined() ? pid : 0);
        } catch (DriverException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public void closeStdin() throws IOException {
        shim.closeStdin();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        shim.resize(columns, rows);
    }
}
