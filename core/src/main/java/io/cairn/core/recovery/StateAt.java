package io.cairn.core.recovery;

import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Evolver;
import io.cairn.core.projection.Projection;
import io.cairn.core.projection.Snapshot;
import io.cairn.core.projection.Snapshots;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.journal.JournalRecord;
import io.cairn.proto.journal.Event;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/**
 * The state as it was after some event, told again by the journal alone, or by the snapshot that stands for the events it has retired.
 * Only reads, so that it may be asked for while a daemon runs on the same journal.
 *
 * @param last the event it is the state after; none if there was none that early
 */
public record StateAt(State state, Option<Event> last) {
    /** What a replay begins with. */
    private record Base(State state, long sequence) {}

    /**
     * Up to and with the event of this sequence, or the last one there is.
     *
     * @throws InvariantViolation when events before it are retired, and no snapshot is as old
     */
    public static StateAt sequence(Path journal, Path snapshots, long sequence) throws JournalException, IOException {
        return replay(journal, snapshots, sequence, Long.MAX_VALUE);
    }

    /**
     * Up to the first event that is younger. A wall clock that was set back does not change the order: what was appended after a younger
     * event was not yet so.
     *
     * @param wallNanos since 1970-01-01 UTC
     * @throws InvariantViolation as for a sequence
     */
    public static StateAt time(Path journal, Path snapshots, long wallNanos) throws JournalException, IOException {
        return replay(journal, snapshots, Long.MAX_VALUE, wallNanos);
    }

    private static StateAt replay(Path journal, Path snapshots, long lastSequence, long lastNanos) throws JournalException, IOException {
        Base base = base(journal, snapshots);
        try (JournalReader reader = JournalReader.open(journal, base.sequence() + 1)) {
            State state = base.state();
            Option<Event> last = Option.none();
            for (Option<JournalRecord> record = reader.next(); record.isDefined(); record = reader.next()) {
                Event event = Replay.parse(record.get());
                if (event.getSequence() > lastSequence || event.getWallTimeNanos() > lastNanos) {
                    break;
                }
                state = Evolver.evolve(state, event);
                last = Option.some(event);
            }
            InvariantViolation.require(last.isDefined() || base.sequence() == 0,
                    "The journal in %s has retired what was before event %d: of a moment as early nothing can be told", journal,
                    base.sequence() + 1);
            return new StateAt(state, last);
        }
    }

    private static Base base(Path journal, Path snapshots) throws JournalException, IOException {
        long oldest = oldest(journal);
        if (oldest <= 1) {
            return new Base(State.EMPTY, 0);
        }
        Path work = Files.createTempDirectory("cairn-replay");
        try {
            Snapshot snapshot = Vouching.newest(new Snapshots(snapshots), journal, oldest, work).getOrElseThrow(() -> new InvariantViolation(
                    "The journal in %s begins with event %d, and no snapshot in %s stands for what was before".formatted(journal, oldest, snapshots)));
            try (Projection copy = Projection.openReadOnly(snapshot.directory(), work)) {
                return new Base(copy.load(), snapshot.appliedSequence());
            }
        } catch (RocksDBException e) {
            throw new IOException("the snapshots in " + snapshots + " cannot be read: " + e.getMessage(), e);
        } finally {
            Projection.discard(work);
        }
    }

    private static long oldest(Path journal) throws JournalException {
        try (JournalReader reader = JournalReader.open(journal, 1)) {
            return reader.next().map(JournalRecord::sequence).getOrElse(1L);
        }
    }
}
