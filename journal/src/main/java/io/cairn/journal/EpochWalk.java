package io.cairn.journal;

import io.cairn.journal.FrameReader.Step;
import io.vavr.control.Option;
import java.io.IOException;

/**
 * Walks one epoch from its first record, holding each to the chain, and judges what it finds where the records end. Never
 * hands out a record that does not follow from the one before. Not thread-safe.
 */
final class EpochWalk implements AutoCloseable {
    private final EpochFiles files;
    private final FrameReader reader;
    private final Option<SyncMark> markAtOpen;
    private Option<Position> previous;
    private Option<Long> tag = Option.none();
    private long durableSequence;
    private long end;

    private EpochWalk(EpochFiles files, FrameReader reader, Option<Position> previous, Option<SyncMark> mark) {
        this.files = files;
        this.markAtOpen = mark;
        this.reader = reader;
        this.previous = previous;
    }

    /**
     * @param previous the last record of the epoch before; none if that epoch was deleted, then the first record is taken on
     *     trust
     */
    static EpochWalk open(EpochFiles files, Option<Position> previous) throws IOException {
        Option<Position> known = files.number() == 1 ? Option.of(Position.START) : previous;
        return new EpochWalk(files, FrameReader.open(files.readable()), known, mark(files));
    }

    /** The first record, not held to any chain; none if it is not whole. */
    static Option<Frame> first(EpochFiles files) throws IOException {
        try (FrameReader reader = FrameReader.open(files.readable())) {
            return reader.next() instanceof Step.Found(Frame frame, long _) ? Option.of(frame) : Option.none();
        }
    }

    EpochFiles files() {
        return files;
    }

    /** The last record that was found; none before the first, if that is taken on trust. */
    Option<Position> previous() {
        return previous;
    }

    long expectedSequence() {
        return previous.map(last -> last.sequence() + 1).getOrElse(1L);
    }

    /** What is known to be synced by now; none if that cannot be read. */
    static Option<SyncMark> mark(EpochFiles files) throws IOException {
        return SyncMark.read(files.mark()) instanceof SyncMark.State.Valid(SyncMark mark) ? Option.of(mark) : Option.none();
    }

    /** Where the last record ends in the data file. */
    long end() {
        return end;
    }

    Step next() throws IOException {
        Step step = reader.next();
        return switch (step) {
            case Step.Found found -> check(found);
            case Step.End _, Step.Bad _ -> step;
        };
    }

    private Step check(Step.Found found) throws IOException {
        Frame frame = found.frame();
        Option<String> wrong = contradiction(frame);
        if (wrong.isDefined()) {
            long at = found.end() - FrameReader.excerptBytes(Frame.HEADER_BYTES + frame.payload().length);
            reader.seek(at);
            return new Step.Bad(at, wrong.get());
        }
        previous = Option.of(frame.position());
        tag = Option.of(frame.tag());
        durableSequence = Math.max(durableSequence, frame.durableSequence());
        end = found.end();
        return found;
    }

    private Option<String> contradiction(Frame frame) {
        if (tag.exists(known -> known != frame.tag())) {
            return Option.of("the record belongs to another epoch");
        }
        if (markAtOpen.exists(mark -> mark.contradicts(frame))) {
            return Option.of("it is not the record that was synced");
        }
        return previous.flatMap(last -> {
            if (frame.sequence() != last.sequence() + 1) {
                return Option.of("expected sequence %d, but found %d".formatted(last.sequence() + 1, frame.sequence()));
            }
            return Option.when(!frame.previousHash().equals(last.hash()),
                    () -> "it does not name the hash of record %d before it".formatted(last.sequence()));
        });
    }

    /**
     * Judges what lies behind the last record found.
     *
     * @param mark read before the step, so that what it says was synced was there to be found
     * @param stop the step that ended the walk
     * @throws JournalDamaged if what is missing there had been synced
     */
    TailVerdict tail(Option<SyncMark> mark, Step stop) throws IOException, JournalDamaged {
        long marked = mark.map(m -> m.synced().sequence()).getOrElse(0L);
        TailScan scan = TailScan.of(files.readable(), end, tag.orElse(mark.map(SyncMark::tag)));
        long guess = scan.firstSequence().map(seen -> Math.max(1, seen - 1)).getOrElse(Math.max(1, marked));
        long first = previous.map(last -> last.sequence() + 1).getOrElse(guess);
        long durable = Math.max(Math.max(durableSequence, scan.durableSequence()), marked);
        String why = switch (stop) {
            case Step.Bad bad -> bad.why();
            case Step.End _ -> "the records end before it";
            case Step.Found _ -> throw new IllegalArgumentException("Expected the walk to have ended");
        };
        if (first <= durable) {
            throw new JournalDamaged(files.journal(), files.number(), first, why);
        }
        return scan.bytes() == 0
                ? new TailVerdict.Clean(mark.exists(SyncMark::closed))
                : new TailVerdict.Cut(scan.records(), scan.bytes(), why);
    }

    @Override
    public void close() throws IOException {
        reader.close();
    }
}
