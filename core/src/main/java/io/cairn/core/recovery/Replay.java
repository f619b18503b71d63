package io.cairn.core.recovery;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Moment;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.BulkLoad;
import io.cairn.core.projection.Projection;
import io.cairn.core.projection.Snapshot;
import io.cairn.core.projection.Snapshots;
import io.cairn.core.recovery.ReadAhead.Parsed;
import io.cairn.journal.Hash;
import io.cairn.journal.Journal;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalRecord;
import io.cairn.journal.Position;
import io.cairn.proto.journal.Event;
import io.cairn.proto.state.MetaRow;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the projection up to the journal's head, or builds it anew; the result is the state and the open projection. */
public final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int RECENT_EVENTS = 512;
    private static final long PROGRESS_EVERY = 250_000;

    private final Journal journal;
    private final Projection projection;
    private final BulkLoad load;
    private State state;
    private Moment older;
    private Moment newer;

    private Replay(Journal journal, Projection projection, Path directory, State state) {
        this.journal = journal;
        this.projection = projection;
        this.load = new BulkLoad(projection, directory.resolve("bulk"), state);
        this.state = state;
        this.newer = new Moment(state, 0);
        this.older = newer;
    }

    /**
     * What a start goes on from.
     *
     * @param recent some hundreds of events before the end, as far as events were replayed
     */
    public record Replayed(State state, Projection projection, long eventsApplied, Moment recent) {}

    /**
     * A projection that is missing, damaged, of another format or ahead of the journal only makes the start longer.
     *
     * @param snapshots copies of the projection, needed when the first events are not kept any more
     * @throws IOException if they are not kept, and no snapshot stands for them
     */
    public static Replayed run(Journal journal, Path directory, Path snapshots) throws IOException, RocksDBException, JournalException {
        Option<Projection> usable = openUsable(journal, directory);
        if (usable.isEmpty()) {
            return rebuilt(journal, directory, snapshots);
        }
        Projection projection = usable.get();
        State state;
        try {
            state = projection.load();
        } catch (RocksDBException | InvalidProtocolBufferException | IllegalArgumentException | InvariantViolation e) {
            LOG.warn("The projection in {} cannot be read and is rebuilt: {}", directory, e.getMessage());
            projection.close();
            return rebuilt(journal, directory, snapshots);
        }
        return new Replay(journal, projection, directory, state).from(projection.meta().get().getAppliedSequence() + 1);
    }

    private static Replayed rebuilt(Journal journal, Path directory, Path snapshots) throws IOException, RocksDBException, JournalException {
        Projection.discard(directory);
        long oldest = journal.recovered().oldestSequence();
        if (oldest <= 1) {
            return new Replay(journal, Projection.open(directory), directory, State.EMPTY).from(1);
        }
        Path log = Files.createTempDirectory("cairn-snapshot");
        try {
            Snapshot base = Vouching.newest(new Snapshots(snapshots), journal.directory(), oldest, log).getOrElseThrow(() -> new IOException((
                    "Expected a snapshot in %s for the events before %d, which were retired, but found none that the journal in %s vouches for."
                    + " Put back the snapshot or the projection from a backup").formatted(snapshots, oldest, journal.directory())));
            LOG.info("The projection in {} is built from the snapshot at event {}", directory, base.appliedSequence());
            Snapshots.restore(base, directory);
        } finally {
            Projection.discard(log);
        }
        Projection projection = Projection.open(directory);
        return new Replay(journal, projection, directory, projection.load()).from(projection.meta().get().getAppliedSequence() + 1);
    }

    private static Option<Projection> openUsable(Journal journal, Path directory) throws JournalException {
        Option<Projection> opened = Option.none();
        try {
            opened = Option.some(Projection.open(directory));
            Option<MetaRow> meta = opened.get().meta();
            if (meta.exists(m -> belongsTo(journal, m))) {
                return opened;
            }
            LOG.info("The projection in {} is {} and is built from the journal", directory, meta.isEmpty() ? "new" : "not of this journal");
        } catch (RocksDBException e) {
            LOG.warn("The projection in {} cannot be opened and is rebuilt from the journal: {}", directory, e.getMessage());
        }
        opened.forEach(Projection::close);
        return Option.none();
    }

    /** The head hash names the whole history, so equal hashes at one sequence mean the rows are of this journal. */
    private static boolean belongsTo(Journal journal, MetaRow meta) {
        long applied = meta.getAppliedSequence();
        if (applied > journal.head().sequence()) {
            return false;
        }
        Position found = journal.recovered().head();
        if (applied == found.sequence()) {
            return meta.getHead().equals(ByteString.copyFrom(found.hash().bytes()));
        }
        try (var reader = io.cairn.journal.JournalReader.open(journal.directory(), applied)) {
            return reader.next().exists(r -> r.sequence() == applied && Hash.of(meta.getHead().toByteArray()).equals(r.hash()));
        } catch (JournalException | IllegalArgumentException e) {
            return false;
        }
    }

    private Replayed from(long sequence) throws JournalException {
        try {
            return replayed(sequence);
        } catch (JournalException | RuntimeException | Error e) {
            projection.close();
            throw e;
        }
    }

    private Replayed replayed(long sequence) throws JournalException {
        newer = new Moment(state, sequence - 1);
        older = newer;
        try (load; ReadAhead events = ReadAhead.of(journal.directory(), sequence)) {
            for (List<Parsed> group = events.next(); !group.isEmpty(); group = events.next()) {
                group.forEach(this::take);
            }
            load.finish();
        }
        reportMissing();
        long applied = Math.max(0, journal.head().sequence() - sequence + 1);
        LOG.info("Replayed {} events: {} sandboxes, {} containers, {} images at event {}", applied, state.sandboxes().size(),
                state.containers().size(), state.images().size(), journal.head().sequence());
        return new Replayed(state, projection, applied, older);
    }

    /** The state is whole all the same, so the node can go on; its history is not. */
    private void reportMissing() {
        long oldest = journal.recovered().oldestSequence();
        long retired = projection.retiredSequence();
        if (oldest > retired + 1) {
            LOG.error("Events {} to {} are missing from the journal in {} and were never retired: somebody took them away", retired + 1,
                    oldest - 1, journal.directory());
        }
    }

    private void take(Parsed parsed) {
        Step step = Step.of(state, parsed.event());
        state = step.after();
        if (parsed.event().getSequence() - newer.sequence() >= RECENT_EVENTS) {
            older = newer;
            newer = new Moment(state, parsed.event().getSequence());
        }
        load.add(step, parsed.head());
        if (parsed.event().getSequence() % PROGRESS_EVERY == 0) {
            LOG.info("Replaying: event {} of {}", parsed.event().getSequence(), journal.head().sequence());
        }
    }

    /** The event a record holds; one that carries another sequence than its frame is no event of this journal. */
    public static Event parse(JournalRecord record) {
        try {
            Event event = Event.parseFrom(record.payload());
            InvariantViolation.require(event.getSequence() == record.sequence(), "Record %d holds event %d", record.sequence(),
                    event.getSequence());
            return event;
        } catch (InvalidProtocolBufferException e) {
            throw new InvariantViolation("Record %d holds no event: %s".formatted(record.sequence(), e.getMessage()));
        }
    }
}
