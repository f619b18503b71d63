package io.cairn.core.recovery;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.Projection;
import io.cairn.journal.Hash;
import io.cairn.journal.Journal;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalRecord;
import io.cairn.proto.journal.Event;
import io.cairn.proto.state.MetaRow;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Brings the projection up to the journal's head, or builds it anew; the result is the state and the open projection. */
public final class Replay {
    private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
    private static final int STEPS_PER_BATCH = 2_000;
    private static final long PROGRESS_EVERY = 250_000;

    private final Journal journal;
    private final ArrayList<Step> batch = new ArrayList<>();
    private final Projection projection;
    private State state;
    private byte[] head = Hash.ZERO.bytes();

    private Replay(Journal journal, Projection projection, State state) {
        this.journal = journal;
        this.projection = projection;
        this.state = state;
    }

    /** What a start goes on from. */
    public record Replayed(State state, Projection projection, long eventsApplied) {}

    /** A projection that is missing, damaged, of another format or ahead of the journal only makes the start longer. */
    public static Replayed run(Journal journal, Path directory) throws IOException, RocksDBException, JournalException {
        Option<Projection> usable = openUsable(journal, directory);
        if (usable.isEmpty()) {
            Projection.discard(directory);
            return new Replay(journal, Projection.open(directory), State.EMPTY).from(1);
        }
        Projection projection = usable.get();
        try {
            return new Replay(journal, projection, projection.load()).from(projection.meta().get().getAppliedSequence() + 1);
        } catch (RocksDBException | InvalidProtocolBufferException | IllegalArgumentException | InvariantViolation e) {
            LOG.warn("The projection in {} cannot be read and is rebuilt from the journal: {}", directory, e.getMessage());
            projection.close();
            Projection.discard(directory);
            return new Replay(journal, Projection.open(directory), State.EMPTY).from(1);
        }
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
        try (var reader = io.cairn.journal.JournalReader.open(journal.directory(), applied)) {
            return reader.next().exists(r -> r.sequence() == applied && Hash.of(meta.getHead().toByteArray()).equals(r.hash()));
        } catch (JournalException | IllegalArgumentException e) {
            return false;
        }
    }

    private Replayed from(long sequence) throws JournalException {
        journal.read(sequence, this::take);
        flush();
        long applied = Math.max(0, journal.head().sequence() - sequence + 1);
        LOG.info("Replayed {} events: {} sandboxes, {} containers, {} images at event {}", applied, state.sandboxes().size(),
                state.containers().size(), state.images().size(), journal.head().sequence());
        return new Replayed(state, projection, applied);
    }

    private void take(JournalRecord record) {
        Event event = parse(record);
        Step step = Step.of(state, event);
        state = step.after();
        batch.add(step);
        head = record.hash().bytes();
        if (batch.size() >= STEPS_PER_BATCH) {
            flush();
        }
        if (record.sequence() % PROGRESS_EVERY == 0) {
            LOG.info("Replaying: event {} of {}", record.sequence(), journal.head().sequence());
        }
    }

    private void flush() {
        if (!batch.isEmpty()) {
            projection.apply(Vector.ofAll(batch), head);
            batch.clear();
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
