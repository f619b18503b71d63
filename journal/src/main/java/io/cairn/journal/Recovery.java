package io.cairn.journal;

import io.cairn.journal.FrameReader.Step;
import io.cairn.linux.DurableFiles;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Finds the end of a journal that stopped in any way at all. Only the newest epoch is walked, and only if it was not closed: the first record of it holds the
 * sequence and the hash the epochs before it ended with.
 *
 * @param newest the newest epoch and where its last record ends; none in an empty directory
 * @param nextEpoch number of the epoch to open
 */
record Recovery(Option<Ending> newest, long nextEpoch, Recovered found) {

    record Ending(EpochFiles files, long end) {}

    static Recovery of(Path directory) throws IOException, JournalDamaged {
        EpochFiles.deleteGone(directory);
        List<EpochFiles> epochs = EpochFiles.list(directory);
        requireNoGap(directory, epochs);
        if (epochs.nonEmpty() && isStillborn(epochs.last())) {
            epochs.last().delete();
            epochs = epochs.init();
        }
        if (epochs.isEmpty()) {
            return new Recovery(Option.none(), 1, new Recovered(Position.START, new TailVerdict.Clean(true), 1, 0));
        }
        return of(epochs);
    }

    private static Recovery of(List<EpochFiles> epochs) throws IOException, JournalDamaged {
        EpochFiles last = epochs.last();
        Option<Position> previous = epochs.size() > 1 ? closedWith(epochs.get(epochs.size() - 2)) : Option.none();
        checkPredecessor(last, previous);
        Option<SyncMark> mark = EpochWalk.mark(last);
        Option<Long> closedEnd = mark.isDefined() ? closedEnd(last, mark.get()) : Option.none();
        if (closedEnd.isDefined()) {
            var found = new Recovered(mark.get().synced(), new TailVerdict.Clean(true), firstSequence(epochs.head()), epochs.size());
            return new Recovery(Option.of(new Ending(last, closedEnd.get())), last.number() + 1, found);
        }
        try (EpochWalk walk = EpochWalk.open(last, previous)) {
            Step step = walk.next();
            while (step instanceof Step.Found) {
                step = walk.next();
            }
            TailVerdict tail = walk.tail(EpochWalk.mark(last), step);
            makeDurable(last);
            var found = new Recovered(walk.previous().getOrElse(Position.START), tail, firstSequence(epochs.head()), epochs.size());
            return new Recovery(Option.of(new Ending(last, walk.end())), last.number() + 1, found);
        }
    }

    /**
     * Where the records of an epoch end that was closed, if its last record is what the mark says and nothing follows. Those before
     * it are held to the chain when they are read, as those of older epochs are.
     */
    private static Option<Long> closedEnd(EpochFiles epoch, SyncMark mark) throws IOException {
        if (mark.lastRecordAt().isEmpty()) {
            return Option.none();
        }
        try (FrameReader reader = FrameReader.open(epoch.readable())) {
            reader.seek(mark.lastRecordAt().get());
            boolean whole = reader.next() instanceof Step.Found(Frame frame, long end)
                    && frame.position().equals(mark.synced()) && frame.tag() == mark.tag()
                    && reader.next() instanceof Step.End(long at) && at == end && TailScan.of(epoch.readable(), end, Option.of(mark.tag())).bytes() == 0;
            return Option.when(whole, reader::offset);
        }
    }

    private static void requireNoGap(Path directory, List<EpochFiles> epochs) throws IOException, JournalDamaged {
        for (int i = 1; i < epochs.size(); i++) {
            EpochFiles missing = epochs.get(i - 1).next();
            if (epochs.get(i).number() != missing.number()) {
                long lastMissing = firstSequence(epochs.get(i)) - 1;
                long first = closedWith(epochs.get(i - 1)).map(end -> end.sequence() + 1).getOrElse(lastMissing);
                throw new JournalDamaged(directory, missing.number(), first, "the whole epoch is missing");
            }
        }
    }

    /** The sequence of the first record of an epoch; 0 if it cannot be read. */
    private static long firstSequence(EpochFiles epoch) throws IOException {
        return EpochWalk.first(epoch).map(Frame::sequence).getOrElse(0L);
    }

    /** A crash during {@link OpenEpoch#create} leaves an epoch without a mark and without a record: nobody was told of it. */
    private static boolean isStillborn(EpochFiles epoch) throws IOException {
        return SyncMark.read(epoch.mark()) instanceof SyncMark.State.Unwritten
                && EpochWalk.first(epoch).isEmpty()
                && TailScan.of(epoch.readable(), 0, Option.none()).records() == 0;
    }

    /** The last record of an epoch, as it wrote down when it was closed; none if it was not. */
    private static Option<Position> closedWith(EpochFiles epoch) throws IOException {
        return SyncMark.read(epoch.mark()) instanceof SyncMark.State.Valid(SyncMark mark) && mark.closed()
                ? Option.of(mark.synced())
                : Option.none();
    }

    /** The epochs say the same of the place where they meet, or one of them is not what it was. */
    private static void checkPredecessor(EpochFiles last, Option<Position> closedWith) throws IOException, JournalDamaged {
        Option<Position> named = EpochWalk.first(last).map(first -> new Position(first.sequence() - 1, first.previousHash()));
        if (closedWith.isDefined() && named.isDefined() && !named.equals(closedWith)) {
            long sequence = Math.min(named.get().sequence(), closedWith.get().sequence()) + 1;
            throw new JournalDamaged(last.journal(), last.number(), sequence, "the epoch before it ended with another record");
        }
    }

    /** What a killed process appended and did not sync is kept, so it must not vanish later. */
    private static void makeDurable(EpochFiles epoch) throws IOException {
        try (var data = DurableFiles.open(epoch.data())) {
            data.syncData();
        }
    }
}
