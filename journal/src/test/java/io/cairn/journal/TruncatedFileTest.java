package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every length of the newest epoch's files: what is cut off is a loss if it was synced, and a crash if it was not. */
class TruncatedFileTest {
    private static final int ZEROS_BEHIND = 128;
    private static final int SYNCED = 8;
    private static final int APPENDED = 12;

    @TempDir(factory = InMemory.class) Path temp;

    private Path journal;
    private EpochFiles newest;
    private List<JournalRecord> original;

    @BeforeEach
    void aJournalWithAnUnsyncedTailAfterAKill() throws Exception {
        Path live = temp.resolve("live");
        journal = temp.resolve("journal");
        var random = new Random(3);
        try (Journal closed = Scratch.open(live)) {
            closed.append(Scratch.payload(random, 60));
            closed.append(Scratch.payload(random, 60));
        }
        try (Journal killed = Scratch.open(live)) {
            while (killed.head().sequence() < SYNCED) {
                killed.append(Scratch.payload(random, 100));
            }
            killed.sync();
            while (killed.head().sequence() < APPENDED) {
                killed.append(Scratch.payload(random, 100));
            }
            Scratch.copyAsKilled(live, journal);
        }
        newest = Scratch.newestEpoch(journal);
        original = Scratch.readable(journal);
        assertThat(original).hasSize(APPENDED);
    }

    @Test
    void everyLengthOfTheDataKeepsWhatWasSyncedOrRefuses() throws Exception {
        byte[] data = Files.readAllBytes(newest.data());
        long syncedEnd = Attack.excerptRanges(newest).get(SYNCED - 4)[1];
        long appendedEnd = Scratch.endOfRecords(newest);
        int lengths = 0;
        int refused = 0;
        int cut = 0;
        for (int length = 0; length <= Math.min(data.length, appendedEnd + ZEROS_BEHIND); length++) {
            Scratch.setLength(newest.data(), length);
            boolean complete = length >= syncedEnd;
            try {
                Recovery recovery = Recovery.of(journal);
                assertThat(complete).as("length %d", length).isTrue();
                List<JournalRecord> read = Scratch.readable(journal);
                assertThat(read.size()).isGreaterThanOrEqualTo(SYNCED);
                assertThat(Scratch.isPrefix(read, original)).isTrue();
                assertThat(recovery.found().head()).isEqualTo(read.getLast().position());
                cut += recovery.found().tail() instanceof TailVerdict.Cut ? 1 : 0;
            } catch (JournalDamaged e) {
                assertThat(complete).as("length %d", length).isFalse();
                assertThat(e.sequence()).isLessThanOrEqualTo(SYNCED);
                assertThat(Verifier.verify(journal).damage().get().sequence()).isEqualTo(e.sequence());
                refused++;
            }
            Scratch.overwrite(newest.data(), 0, data);
            lengths++;
        }
        Scratch.report("TruncatedFileTest", "%d lengths of the data: %d refused, %d with a cut tail", lengths, refused, cut);
        assertThat(refused).isEqualTo((int) syncedEnd);
        assertThat(cut).isPositive();
    }

    @Test
    void everyLengthOfTheMarkKeepsEverything() throws Exception {
        byte[] mark = Files.readAllBytes(newest.mark());
        for (int length = 0; length <= 2 * SyncMark.BYTES; length++) {
            Scratch.setLength(newest.mark(), length);
            assertThat(Recovery.of(journal).found().head()).isEqualTo(original.getLast().position());
            assertThat(Scratch.readable(journal)).hasSize(APPENDED);
            Scratch.overwrite(newest.mark(), 0, mark);
        }
        Scratch.report("TruncatedFileTest", "%d lengths of the mark", 2 * SyncMark.BYTES + 1);
    }

    @Test
    void theNextEpochFollowsTheCutAndSaysWhatWasDropped() throws Exception {
        List<long[]> ranges = Attack.excerptRanges(newest);
        long[] second = ranges.get(ranges.size() - 3);
        Scratch.overwrite(newest.data(), second[0] + 40, new byte[] {1, 2, 3});
        try (Journal opened = Scratch.open(journal)) {
            assertThat(opened.recovered().head()).isEqualTo(original.get(SYNCED).position());
            assertThat(opened.recovered().tail()).isInstanceOfSatisfying(TailVerdict.Cut.class, tail -> {
                assertThat(tail.recordsSeen()).isEqualTo(2);
                assertThat(tail.bytes()).isPositive();
                assertThat(tail.why()).contains("checksum");
            });
            opened.append(new byte[] {9});
            opened.sync();
        }
        assertThat(Verifier.verify(journal).good()).isTrue();
        assertThat(Verifier.verify(journal).records()).isEqualTo(SYNCED + 1 + 2);
        assertThat(Scratch.isPrefix(original.subList(0, SYNCED + 1), Scratch.readable(journal))).isTrue();
    }

    @Test
    void aNewestEpochWithoutItsDataFileIsALoss() throws Exception {
        Files.delete(newest.data());
        assertThatThrownBy(() -> Recovery.of(journal)).isInstanceOf(JournalDamaged.class);
        assertThat(Verifier.verify(journal).good()).isFalse();
    }

    @Test
    void anEpochThatWasNeverFinishedIsTakenAway() throws Exception {
        EpochFiles unborn = newest.next();
        Files.createDirectory(unborn.directory());
        assertThat(Recovery.of(journal).nextEpoch()).isEqualTo(unborn.number());
        Files.createDirectory(unborn.directory());
        Files.createFile(unborn.table());
        Files.createFile(unborn.data());
        Files.write(unborn.mark(), new byte[4096]);
        Scratch.setLength(unborn.data(), 1 << 20);
        assertThat(Verifier.verify(journal).good()).isTrue();
        try (Journal opened = Scratch.open(journal)) {
            assertThat(opened.recovered().head()).isEqualTo(original.getLast().position());
            assertThat(Scratch.newestEpoch(journal)).isEqualTo(unborn);
        }
    }
}
