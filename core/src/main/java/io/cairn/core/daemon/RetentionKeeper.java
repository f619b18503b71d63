package io.cairn.core.daemon;

import com.google.protobuf.ByteString;
import io.cairn.core.decide.Command;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.core.projection.Projection;
import io.cairn.core.projection.Snapshot;
import io.cairn.core.projection.Snapshots;
import io.cairn.journal.JournalException;
import io.cairn.journal.Retention;
import io.cairn.journal.Retention.Due;
import io.cairn.proto.journal.EpochRetired;
import io.cairn.proto.journal.Event;
import io.vavr.collection.List;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Retires what is older, or more, than is to be kept. On a thread of its own, at the start, whenever an epoch begins, and hourly:
 *
 * <pre>
 *   epochs are due → copy the projection, durably → SnapshotTaken is synced → older copies go
 *                  → for each epoch: EpochRetired is synced → its directory goes
 * </pre>
 *
 * A crash in between leaves more than is needed, never less: the next start deletes what an EpochRetired named.
 */
final class RetentionKeeper implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RetentionKeeper.class);
    private static final long ROUND_HOURS = 1;

    private final Path journal;
    private final RetentionOptions options;
    private final Projection projection;
    private final Snapshots snapshots;
    private final Engine engine;
    private final Clock clock;
    private final Semaphore wakeUps;
    private final Object useOfProjection = new Object();
    private final Thread thread;
    private volatile boolean stopped;
    private long coveredSequence;

    /**
     * @param engine owns the projection; {@link #stop} before it is closed
     * @param wakeUps released whenever an epoch begins
     */
    RetentionKeeper(Path journal, RetentionOptions options, Projection projection, Snapshots snapshots, Engine engine, Clock clock,
            Semaphore wakeUps) {
        this.journal = journal;
        this.options = options;
        this.projection = projection;
        this.snapshots = snapshots;
        this.engine = engine;
        this.clock = clock;
        this.wakeUps = wakeUps;
        this.thread = Thread.ofPlatform().name("cairn-retention").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    private void run() {
        try {
            finishDeletions();
            while (!stopped) {
                round();
                wakeUps.tryAcquire(ROUND_HOURS, TimeUnit.HOURS);
                wakeUps.drainPermits();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void finishDeletions() {
        try {
            Retention.deleteUpTo(journal, projection.retiredSequence());
        } catch (JournalException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    private void round() {
        try {
            Instant now = Instant.ofEpochSecond(0, clock.wallNanos());
            List<Due> due = Retention.due(journal, options.maxAge(), options.maxBytes(), now);
            if (due.isEmpty() || stopped || !cover(due.last().epoch().last().sequence())) {
                return;
            }
            for (Due epoch : due) {
                if (!noted(Event.newBuilder().setEpochRetired(event(epoch)))) {
                    return;
                }
                Retention.deleteUpTo(journal, epoch.epoch().last().sequence());
            }
        } catch (JournalException | IOException | RocksDBException e) {
            LOG.warn("Old epochs stay for now: {}", e.getMessage());
        }
    }

    /** Whether a snapshot that the journal vouches for holds the event, and all before it. */
    private boolean cover(long sequence) throws IOException, RocksDBException {
        if (coveredSequence < sequence) {
            Snapshot taken;
            synchronized (useOfProjection) {
                if (stopped) {
                    return false;
                }
                taken = snapshots.take(projection);
            }
            if (taken.appliedSequence() < sequence || !noted(Event.newBuilder().setSnapshotTaken(taken.event()))) {
                return false;
            }
            snapshots.keepOnly(taken);
            coveredSequence = taken.appliedSequence();
        }
        return true;
    }

    private boolean noted(Event.Builder draft) {
        return engine.submit(new Command.Note(draft.build()), Origin.SELF).isRight();
    }

    private static EpochRetired event(Due due) {
        var reason = switch (due.reason()) {
            case AGE -> EpochRetired.Reason.AGE;
            case SIZE -> EpochRetired.Reason.SIZE;
        };
        return EpochRetired.newBuilder().setEpoch(due.epoch().number()).setLastSequence(due.epoch().last().sequence())
                .setLastHead(ByteString.copyFrom(due.epoch().last().hash().bytes())).setReason(reason).setSizeBytes(due.epoch().bytes()).build();
    }

    /** The projection is not touched any more when this returns; the engine, which a round may wait for, can be closed. */
    void stop() {
        stopped = true;
        synchronized (useOfProjection) {
            wakeUps.release();
        }
    }

    /** Waits for the end of the thread, to be called after the engine's. */
    @Override
    public void close() throws InterruptedException {
        stop();
        thread.join();
    }
}
