package io.cairn.core.recovery;

import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.BulkLoad;
import io.cairn.core.projection.Projection;
import io.cairn.core.projection.RowComparison;
import io.cairn.core.projection.Snapshot;
import io.cairn.core.projection.Snapshots;
import io.cairn.core.recovery.ReadAhead.Parsed;
import io.cairn.journal.JournalDamaged;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalRecord;
import io.cairn.journal.Position;
import io.cairn.journal.Verifier;
import io.cairn.journal.VerifyReport;
import io.cairn.proto.journal.Event;
import io.cairn.proto.state.MetaRow;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.RocksDBException;

/**
 * Whether what lies in a state directory is what was once written there. Reads only, so a daemon may run meanwhile:
 *
 * <pre>
 *   every frame and the chain → every event → the events replayed from nothing, or from the snapshot that stands for retired ones
 *   → the rows compared with those on disk, at the event up to which these are
 * </pre>
 *
 * <p>It cannot tell that the newest records were cut off by somebody who also rewrote the marks beside them: compare the head with
 * one that was noted elsewhere.
 */
public final class Verification {
    private static final int OPEN_ATTEMPTS = 3;

    private final Path journal;
    private final Path projection;
    private final Path snapshots;
    private final Path work;
    private final Progress progress;
    private Option<String> badEvent = Option.none();
    private long retiredSequence;

    private Verification(Path journal, Path projection, Path snapshots, Path work, Progress progress) {
        this.journal = journal;
        this.projection = projection;
        this.snapshots = snapshots;
        this.work = work;
        this.progress = progress;
    }

    /** What is being done. */
    public enum Phase {
        READING,
        REPLAYING
    }

    /** Told of every event that was looked at. */
    @FunctionalInterface
    public interface Progress {
        void at(Phase phase, long sequence);
    }

    /**
     * What was found. Whatever is not good is in {@code problems}, in words; nothing else is looked at after the first problem that
     * makes it pointless.
     *
     * @param journal the walk over frames and chain
     * @param replayed whether the events were replayed; not when there was a problem before
     * @param base the snapshot the replay began with; none if it began with nothing
     * @param rowsAt the event up to which the rows on disk are; none if there are no rows: they would be built at the next start
     * @param rows how many rows were compared
     */
    public record Findings(VerifyReport journal, boolean replayed, Option<Snapshot> base, Option<Long> rowsAt, long rows, Vector<String> problems) {
        public boolean good() {
            return problems.isEmpty();
        }

        private Findings with(String problem) {
            return new Findings(journal, replayed, base, rowsAt, rows, problems.append(problem));
        }
    }

    public static Findings of(Path journal, Path projection, Path snapshots, Progress progress)
            throws IOException, JournalException {
        Path work = Files.createTempDirectory("cairn-verify");
        try {
            return new Verification(journal, projection, snapshots, work, progress).run();
        } catch (RocksDBException e) {
            throw new IOException("the rows replayed into " + work + " cannot be written: " + e.getMessage(), e);
        } finally {
            Projection.discard(work);
        }
    }

    private Findings run() throws IOException, RocksDBException, JournalException {
        VerifyReport report = Verifier.verify(journal, this::look);
        var findings = new Findings(report, false, Option.none(), Option.none(), 0, report.damage().map(JournalDamaged::what).toVector()
                .appendAll(badEvent));
        long oldest = report.oldest().map(Position::sequence).getOrElse(1L);
        if (oldest > retiredSequence + 1) {
            findings = findings.with("Records %d to %d are missing, and no event says that they were retired: somebody took them away"
                    .formatted(retiredSequence + 1, oldest - 1));
        }
        return findings.good() ? replay(findings, oldest) : findings;
    }

    private void look(JournalRecord record) {
        progress.at(Phase.READING, record.sequence());
        if (badEvent.isDefined()) {
            return;
        }
        try {
            retiredSequence = Math.max(retiredSequence, Replay.parse(record).getEpochRetired().getLastSequence());
        } catch (InvariantViolation e) {
            badEvent = Option.some(e.getMessage());
        }
    }

    private Findings replay(Findings findings, long oldest) throws IOException, RocksDBException, JournalException {
        Path rows = work.resolve("rows");
        if (oldest <= 1) {
            return replay(findings, rows, State.EMPTY, 1);
        }
        Option<Snapshot> base = Vouching.newest(new Snapshots(snapshots), journal, oldest, Files.createDirectory(work.resolve("log")));
        if (base.isEmpty()) {
            return findings.with(("Expected a snapshot in %s for the events before %d, which were retired, but found none that the journal"
                    + " vouches for").formatted(snapshots, oldest));
        }
        Snapshots.restore(base.get(), rows);
        State state;
        try (Projection copy = Projection.open(rows)) {
            state = copy.load();
        }
        var begun = new Findings(findings.journal(), false, base, Option.none(), 0, findings.problems());
        return replay(begun, rows, state, base.get().appliedSequence() + 1);
    }

    private Findings replay(Findings findings, Path rows, State before, long from) throws IOException, RocksDBException, JournalException {
        Option<Projection> onDisk = Option.none();
        try (Projection replayed = Projection.open(rows)) {
            onDisk = onDisk();
            Option<MetaRow> meta = onDisk.isDefined() ? onDisk.get().meta() : Option.none();
            Option<Long> rowsAt = meta.map(MetaRow::getAppliedSequence);
            var begun = new Findings(findings.journal(), true, findings.base(), rowsAt, 0, findings.problems());
            long applied = evolve(replayed, before, from, rowsAt.getOrElse(0L));
            return meta.isEmpty() ? begun : compared(begun, applied, meta.get(), replayed, onDisk.get());
        } catch (InvariantViolation e) {
            return findings.with(e.getMessage());
        } catch (RocksDBException e) {
            return findings.with("The projection in %s cannot be read: %s".formatted(projection, e.getMessage()));
        } finally {
            onDisk.forEach(Projection::close);
        }
    }

    private Option<Projection> onDisk() throws IOException, RocksDBException {
        if (!Files.exists(projection.resolve("CURRENT"))) {
            return Option.none();
        }
        Path log = Files.createDirectory(work.resolve("disk-log"));
        for (int attempt = 1; attempt < OPEN_ATTEMPTS; attempt++) {
            try {
                return Option.some(Projection.openReadOnly(projection, log));
            } catch (RocksDBException e) {
                // A running daemon may just have replaced a file that was about to be opened.
            }
        }
        return Option.some(Projection.openReadOnly(projection, log));
    }

    /** Applies events to the rows up to the one the rows on disk are of, and to the state up to the last. Returns the former. */
    private long evolve(Projection replayed, State before, long from, long rowsAt) throws JournalException {
        State state = before;
        long applied = from - 1;
        try (var load = new BulkLoad(replayed, work.resolve("bulk"), before); ReadAhead events = ReadAhead.of(journal, from)) {
            for (List<Parsed> group = events.next(); !group.isEmpty(); group = events.next()) {
                for (Parsed parsed : group) {
                    Step step = step(state, parsed.event());
                    state = step.after();
                    if (parsed.event().getSequence() <= rowsAt) {
                        load.add(step, parsed.head());
                        applied = parsed.event().getSequence();
                    }
                }
                progress.at(Phase.REPLAYING, group.getLast().event().getSequence());
            }
            load.finish();
        }
        return applied;
    }

    private static Step step(State state, Event event) {
        try {
            return Step.of(state, event);
        } catch (InvariantViolation e) {
            throw new InvariantViolation("Record %d does not follow from those before it: %s".formatted(event.getSequence(), e.getMessage()));
        }
    }

    private Findings compared(Findings findings, long applied, MetaRow meta, Projection replayed, Projection onDisk) throws RocksDBException {
        if (meta.getAppliedSequence() != applied) {
            return findings.with(("The projection in %s says that it is of event %d, but the events that can be replayed are those from %d to %d;"
                    + " it is built anew at the next start").formatted(projection, meta.getAppliedSequence(),
                    findings.base().map(Snapshot::appliedSequence).getOrElse(0L) + 1, applied));
        }
        RowComparison comparison = RowComparison.of(replayed, onDisk);
        var done = new Findings(findings.journal(), true, findings.base(), findings.rowsAt(), comparison.rows(), findings.problems());
        return comparison.difference().map(difference -> done.with(("In the projection in %s %s. Delete the directory while the daemon is stopped:"
                + " it is built anew at the next start").formatted(projection, difference))).getOrElse(done);
    }
}
