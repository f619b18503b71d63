package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container under watch: its end is told by the absence of its process, for which nobody need be asked. How it ended is then asked on
 * another thread, since that takes longer than a look may.
 *
 * @param again has it looked at again, once the answer is there
 * @param sawAliveNanos wall time
 * @param ending under way
 * @param warned that its monitor is gone
 */
public record WatchedProcess(Settling settling, Executor threads, Runnable again, String id, StartRecord started, Option<Long> sawAliveNanos,
        Option<CompletableFuture<ExitReport>> ending, boolean warned) implements Watched {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedProcess.class);

    /** Learns how a container ended whose process is gone. */
    @FunctionalInterface
    public interface Settling {
        /**
         * @param sawAliveNanos wall time at which it was last seen alive
         * @throws DriverException nobody says how it ended; it is to be asked again
         */
        ExitReport settle(Option<Long> sawAliveNanos) throws IOException, DriverException;
    }

    public static WatchedProcess of(Settling settling, Executor threads, Runnable again, String id, StartRecord started) {
        return new WatchedProcess(settling, threads, again, id, started, Option.none(), Option.none(), false);
    }

    @Override
    public boolean isAlive() {
        return ending.isEmpty();
    }

    @Override
    public Look look() throws IOException {
        if (ending.isDefined()) {
            return ending.get().isDone() ? ended(ending.get()) : new Look.Goes(this);
        }
        return new Look.Goes(started.process().isAlive() ? alive() : with(Option.some(begin())));
    }

    private CompletableFuture<ExitReport> begin() {
        var report = CompletableFuture.supplyAsync(this::settle, threads);
        report.whenComplete((value, failure) -> again.run());
        return report;
    }

    private ExitReport settle() {
        try {
            return settling.settle(sawAliveNanos);
        } catch (IOException | DriverException e) {
            throw new CompletionException(e.getMessage(), e);
        }
    }

    private Look ended(CompletableFuture<ExitReport> done) {
        if (!done.isCompletedExceptionally()) {
            return new Look.Ended(done.join());
        }
        LOG.warn("How container {} ended cannot be learnt yet: {}", id, done.exceptionNow().getMessage());
        return new Look.Goes(with(Option.none()));
    }

    private WatchedProcess with(Option<CompletableFuture<ExitReport>> now) {
        return new WatchedProcess(settling, threads, again, id, started, sawAliveNanos, now, warned);
    }

    private WatchedProcess alive() throws IOException {
        boolean alone = started.monitor().isDefined() && !started.monitor().get().isAlive();
        if (alone && !warned) {
            LOG.warn("Process {}, which looks after container {}, is gone while the container runs: its output and its exit code will be lost",
                    started.monitor().get().pid(), id);
        }
        return new WatchedProcess(settling, threads, again, id, started, Option.some(WallClock.now()), Option.none(), warned || alone);
    }
}
