package io.cairn.driver.runc;

import io.cairn.core.driver.ExitReport;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.WallClock;
import io.cairn.driver.host.Watched;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A container under watch: its end is told by conmon's record or, when conmon is gone too, by the absence of its process.
 *
 * @param sawAliveNanos wall time
 * @param deadSinceNanos on the monotonic clock, when its process was found gone
 * @param warned that its conmon is gone
 */
record WatchedContainer(Exits exits, Container container, StartRecord started, Option<Long> sawAliveNanos, Option<Long> deadSinceNanos,
        boolean warned) implements Watched {
    private static final Logger LOG = LoggerFactory.getLogger(WatchedContainer.class);
    /** conmon lives, so its record comes; how long it may take on a busy disk. */
    private static final long RECORD_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    static WatchedContainer of(Exits exits, Container container, StartRecord started) {
        return new WatchedContainer(exits, container, started, Option.none(), Option.none(), false);
    }

    @Override
    public boolean isAlive() {
        return deadSinceNanos.isEmpty();
    }

    @Override
    public Look look() throws IOException {
        Option<ExitReport> report = ended();
        return report.isDefined() ? new Look.Ended(report.get()) : new Look.Goes(lookedAt());
    }

    private Option<ExitReport> ended() throws IOException {
        Option<ExitReport> recorded = exits.recorded(container);
        if (recorded.isDefined() || started.process().isAlive()) {
            return recorded;
        }
        // conmon writes before it ends: once it is gone, a record that is not there will not come.
        boolean comes = started.monitor().isDefined() && started.monitor().get().isAlive()
                && deadSinceNanos.forAll(since -> System.nanoTime() - since < RECORD_NANOS_MAX);
        if (comes) {
            return Option.none();
        }
        Option<ExitReport> late = exits.recorded(container);
        return late.isDefined() ? late : Option.some(exits.vanished(container, started, sawAliveNanos));
    }

    private WatchedContainer lookedAt() throws IOException {
        long now = WallClock.now();
        if (!started.process().isAlive()) {
            Option<Long> since = deadSinceNanos.orElse(Option.some(System.nanoTime()));
            return new WatchedContainer(exits, container, started, sawAliveNanos, since, warned);
        }
        boolean alone = started.monitor().isEmpty() || !started.monitor().get().isAlive();
        if (alone && !warned) {
            LOG.warn("The conmon of container {} is gone while the container runs: its output and its exit code will be lost",
                    container.files().id());
        }
        return new WatchedContainer(exits, container, started, Option.some(now), Option.none(), warned || alone);
    }
}
