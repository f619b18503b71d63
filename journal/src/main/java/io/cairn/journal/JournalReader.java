package io.cairn.journal;

import io.cairn.journal.FrameReader.Step;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Reads a journal in order, holding every record to the chain. Only reads: it makes and changes nothing and needs no lock, so
 * that any process may follow a journal while another appends. What was appended is seen at once, synced or not.
 *
 * <p>Not thread-safe.
 */
public final class JournalReader implements AutoCloseable {
    private static final long POLL_NANOS = Duration.ofMillis(50).toNanos();

    private final Path directory;
    private final long fromSequence;
    private Option<EpochWalk> current = Option.none();

    private JournalReader(Path directory, long fromSequence) {
        this.directory = directory;
        this.fromSequence = fromSequence;
    }

    /** Begins at a sequence, or at the oldest record kept if that one is younger. */
    public static JournalReader open(Path directory, long fromSequence) throws JournalFailure {
        var reader = new JournalReader(directory, fromSequence);
        try {
            reader.current = reader.walkHolding(fromSequence);
            return reader;
        } catch (IOException e) {
            throw reader.failure(e);
        }
    }

    /**
     * The next record; none if there is none yet.
     *
     * @throws JournalDamaged if the next record had been synced and is missing or wrong
     */
    public Option<JournalRecord> next() throws JournalDamaged, JournalFailure {
        try {
            while (true) {
                Option<JournalRecord> record = step();
                if (record.isEmpty() || record.get().sequence() >= fromSequence) {
                    return record;
                }
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }

    /** Waits for the next record; none if there was none within the time, or the thread was interrupted. */
    public Option<JournalRecord> next(Duration timeout) throws JournalDamaged, JournalFailure {
        long deadlineNanos = System.nanoTime() + timeout.toNanos();
        while (true) {
            Option<JournalRecord> record = next();
            long leftNanos = deadlineNanos - System.nanoTime();
            if (record.isDefined() || leftNanos <= 0 || Thread.currentThread().isInterrupted()) {
                return record;
            }
            LockSupport.parkNanos(Math.min(POLL_NANOS, leftNanos));
        }
    }

    /** All records up to the last that is there now. */
    public void forEachRemaining(RecordHandler handler) throws JournalDamaged, JournalFailure {
        for (Option<JournalRecord> record = next(); record.isDefined(); record = next()) {
            handler.accept(record.get());
        }
    }

    private Option<JournalRecord> step() throws IOException, JournalDamaged {
        if (current.isEmpty()) {
            current = walkHolding(fromSequence);
        }
        while (current.isDefined()) {
            EpochWalk walk = current.get();
            Step step = walk.next();
            List<EpochFiles> later = List.empty();
            if (!(step instanceof Step.Found)) {
                later = EpochFiles.list(directory).filter(epoch -> epoch.number() > walk.files().number());
                step = later.isEmpty() ? afterMark(walk, step) : walk.next();
            }
            if (step instanceof Step.Found(Frame frame, long _)) {
                return Option.of(new JournalRecord(frame.sequence(), walk.files().number(), frame.hash(), frame.payload()));
            }
            if (later.isEmpty() || !enter(later, walk, step)) {
                return Option.none();
            }
        }
        return Option.none();
    }

    /**
     * At the end of the newest epoch. What the mark says was synced must be there; looking again after the mark was read tells
     * a loss from a record that was appended in between.
     */
    private static Step afterMark(EpochWalk walk, Step stop) throws IOException, JournalDamaged {
        Option<SyncMark> mark = EpochWalk.mark(walk.files());
        if (stop instanceof Step.End && !mark.exists(m -> m.synced().sequence() >= walk.expectedSequence())) {
            return stop;
        }
        Step again = walk.next();
        if (!(again instanceof Step.Found)) {
            walk.tail(mark, again);
        }
        return again;
    }

    /** Goes to the next epoch; false if it is only being made. */
    private boolean enter(List<EpochFiles> later, EpochWalk walk, Step stop) throws IOException, JournalDamaged {
        EpochFiles next = later.head();
        long expected = walk.expectedSequence();
        if (next.number() != walk.files().number() + 1) {
            throw missing(walk, next, expected);
        }
        boolean counts = EpochWalk.mark(next).isDefined();
        Option<Frame> first = EpochWalk.first(next);
        if (first.isEmpty() && !counts && later.size() == 1) {
            return false;
        }
        if (!first.exists(frame -> frame.sequence() == expected)) {
            String why = stop instanceof Step.Bad(long _, String wrong) ? wrong : "the records end before it";
            long sequence = first.map(frame -> Math.min(frame.sequence(), expected)).getOrElse(expected);
            throw new JournalDamaged(directory, walk.files().number(), sequence, why);
        }
        EpochWalk successor = EpochWalk.open(next, walk.previous());
        walk.close();
        current = Option.of(successor);
        return true;
    }

    private JournalDamaged missing(EpochWalk walk, EpochFiles next, long expected) throws IOException {
        if (!Files.exists(walk.files().directory())) {
            throw new IOException("the epochs before record %d were deleted while they were read: read on from there".formatted(
                    EpochWalk.first(next).map(Frame::sequence).getOrElse(expected)));
        }
        return new JournalDamaged(directory, walk.files().number() + 1, expected, "the whole epoch is missing");
    }

    private Option<EpochWalk> walkHolding(long sequence) throws IOException {
        List<EpochFiles> newestFirst = EpochFiles.list(directory).reverse();
        for (EpochFiles epoch : newestFirst) {
            Option<Frame> first = EpochWalk.first(epoch);
            boolean oldest = epoch.equals(newestFirst.last());
            boolean beingMade = oldest && first.isEmpty() && EpochWalk.mark(epoch).isEmpty();
            if (!beingMade && (oldest || first.exists(frame -> frame.sequence() <= sequence))) {
                return Option.of(EpochWalk.open(epoch, Option.none()));
            }
        }
        return Option.none();
    }

    private JournalFailure failure(IOException e) {
        return new JournalFailure("Cannot read the journal in " + directory + ": " + e.getMessage(), e);
    }

    @Override
    public void close() throws JournalFailure {
        try {
            for (EpochWalk walk : current) {
                walk.close();
            }
        } catch (IOException e) {
            throw failure(e);
        }
    }
}
