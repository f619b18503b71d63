package io.cairn.core.recovery;

import io.cairn.core.projection.Snapshot;
import io.cairn.core.projection.Snapshots;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.journal.JournalRecord;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.SnapshotTaken;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Which snapshot may stand for events that are gone: the journal must hold a {@link SnapshotTaken} that names its rows, its last
 * event and that event's hash. So whoever edits a snapshot would have to rewrite the chain.
 */
final class Vouching {
    private Vouching() {}

    /**
     * The newest good one that the kept events follow; none if there is none.
     *
     * @param oldestKept sequence of the first record of the journal
     * @param logDirectory where RocksDB may write its own log
     */
    static Option<Snapshot> newest(Snapshots snapshots, Path journal, long oldestKept, Path logDirectory) throws IOException, JournalException {
        for (Snapshot snapshot : snapshots.readable(logDirectory)) {
            if (snapshot.appliedSequence() + 1 >= oldestKept && isVouchedFor(snapshot, journal)) {
                return Option.some(snapshot);
            }
        }
        return Option.none();
    }

    /** The event follows soon after the last one that the snapshot holds. */
    private static boolean isVouchedFor(Snapshot snapshot, Path journal) throws JournalException {
        try (JournalReader reader = JournalReader.open(journal, snapshot.appliedSequence() + 1)) {
            for (Option<JournalRecord> next = reader.next(); next.isDefined(); next = reader.next()) {
                Event event = Replay.parse(next.get());
                if (event.hasSnapshotTaken() && snapshot.is(event.getSnapshotTaken())) {
                    return true;
                }
            }
            return false;
        }
    }
}
