package io.cairn.journal;

import io.cairn.journal.FrameReader.Step;
import io.cairn.linux.DurableFiles;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Finds the end of a journal that stopped in any way at all. Only the newest epoch is walked: the first record of it holds the
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
        try (EpochWalk walk = EpochWalk.open(last, Option.none())) {
            Step step = walk.next();
            checkPredecessor(epochs, step);
            while (step instanceof Step.Found) {
                step = walk.next();
            }
            TailVerdict tail = walk.tail(step);
            makeDurable(last);
            var found = new Recovered(walk.previous().getOrElse(Position.START), tail, firstSequence(epochs.head()), epochs.size());
            return new Recovery(Option.of(new Ending(last, walk.end())), last.number() + 1, found);
        }
    }

    private static void requireNoGap(Path directory, List<EpochFiles> epochs) throws IOException, JournalDamaged {
        for (int i = 1; i < epochs.size(); i++) {
            EpochFiles expected = epochs.get(i - 1).next();
            if (epochs.get(i).number() != expected.number()) {
                throw new JournalDamaged(directory, expected.number(), firstSequence(epochs.get(i)) - 1, "the whole epoch is missing");
            }
        }
    }

    /** The sequence of the first record of an epoch; 0 if it cannot be read. */
    private static long firstSequence(EpochFiles epoch) throws IOException {
        return EpochWalk.first(epoch).map(Frame::sequence).getOrElse(0L);
    }

    /** A crash during {@link OpenEpoch#create} leaves an epoch without a mark and without a record: nobody was told of it. */
    private static boolean isStillborn(EpochFiles epoch) throws IOException {
        if (!(SyncMark.read(epoch.mark()) instanceof SyncMark.State.Unwritten)) {
            return false;
        }
        if (!Files.exists(epoch.data())) {
            return true;
        }
        return EpochWalk.first(epoch).isEmpty() && TailScan.of(epoch.data(), 0, Option.none()).records() == 0;
    }

    /** An epoch that was closed wrote down its last record: the one after it must say the same. */
    private static void checkPredecessor(List<EpochFiles> epochs, Step first) throws IOException, JournalDamaged {
        if (epochs.size() < 2 || !(first instanceof Step.Found(Frame frame, long _))) {
            return;
        }
        EpochFiles before = epochs.get(epochs.size() - 2);
        if (SyncMark.read(before.mark()) instanceof SyncMark.State.Valid(SyncMark mark)
                && mark.closed()
                && !mark.synced().equals(new Position(frame.sequence() - 1, frame.previousHash()))) {
            throw new JournalDamaged(before.journal(), before.number(), Math.min(mark.synced().sequence(), frame.sequence() - 1),
                    "the epoch ended with another record than the epoch after it says");
        }
    }

    /** What a killed process appended and did not sync is kept, so it must not vanish later. */
    private static void makeDurable(EpochFiles epoch) throws IOException {
        try (var data = DurableFiles.open(epoch.data())) {
            data.syncData();
        }
    }
}
