package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every byte of a small journal, one bit at a time: what was synced is either read back as it was, or refused by name. */
class FlippedBitTest {
    private static final int ZEROS_BEHIND = 256;

    @TempDir(factory = InMemory.class) Path temp;

    private Path journal;
    private List<JournalRecord> original;
    private byte[] markAtTheEpochsFirstRecord;

    @BeforeEach
    void aJournalOfThreeEpochsAfterAKill() throws Exception {
        Path live = temp.resolve("live");
        journal = temp.resolve("journal");
        var random = new Random(1);
        for (int epoch = 0; epoch < 2; epoch++) {
            try (Journal closed = Scratch.open(live)) {
                closed.append(Scratch.payload(random, 60));
                closed.append(Scratch.payload(random, 60));
            }
        }
        try (Journal killed = Scratch.open(live)) {
            markAtTheEpochsFirstRecord = Files.readAllBytes(Scratch.newestEpoch(live).mark());
            killed.append(Scratch.payload(random, 60));
            killed.append(new byte[0]);
            killed.sync();
            killed.append(Scratch.payload(random, 60));
            killed.sync();
            Scratch.copyAsKilled(live, journal);
        }
        original = Scratch.readable(journal);
        assertThat(original).hasSize(10);
    }

    @Test
    void noFlippedBitInARecordGoesUnnoticed() throws Exception {
        int cases = 0;
        for (EpochFiles epoch : EpochFiles.list(journal)) {
            byte[] data = Files.readAllBytes(epoch.data());
            List<long[]> frames = Attack.excerptRanges(epoch);
            for (long[] frame : frames) {
                for (int at = (int) frame[0]; at < frame[1]; at++) {
                    for (int bit = 0; bit < 8; bit++) {
                        flip(epoch.data(), data, at, bit);
                        Outcome outcome = outcome();
                        assertThat(outcome.refused()).as("%s byte %d bit %d", epoch.data(), at, bit).isTrue();
                        cases++;
                        restore(epoch.data(), data, at);
                    }
                }
            }
        }
        Scratch.report("FlippedBitTest", "%d bits of records flipped, all found", cases);
    }

    @Test
    void noFlippedBitAnywhereLosesOrChangesASyncedRecord() throws Exception {
        var random = Scratch.random("FlippedBitTest");
        int refused = 0;
        int harmless = 0;
        for (EpochFiles epoch : EpochFiles.list(journal)) {
            for (Path file : List.of(epoch.data(), epoch.mark())) {
                byte[] data = Files.readAllBytes(file);
                long interesting = file.equals(epoch.mark()) ? 2 * SyncMark.BYTES : Scratch.endOfRecords(epoch) + ZEROS_BEHIND;
                for (int at = 0; at < Math.min(data.length, interesting); at++) {
                    flip(file, data, at, random.nextInt(8));
                    if (outcome().refused()) {
                        refused++;
                    } else {
                        harmless++;
                    }
                    restore(file, data, at);
                }
            }
        }
        Scratch.report("FlippedBitTest", "%d bytes flipped: %d refused, %d harmless", refused + harmless, refused, harmless);
        assertThat(refused).isPositive();
        assertThat(harmless).isPositive();
    }

    /** After a power cut the mark is old; then the records after the damaged one tell that it was synced. */
    @Test
    void aFlippedBitInASyncedRecordIsFoundWithoutTheMarkToo() throws Exception {
        EpochFiles newest = Scratch.newestEpoch(journal);
        Files.write(newest.mark(), markAtTheEpochsFirstRecord);
        byte[] data = Files.readAllBytes(newest.data());
        List<long[]> frames = Attack.excerptRanges(newest);
        int cases = 0;
        for (int index : List.of(1, 2)) {
            for (int at = (int) frames.get(index)[0]; at < frames.get(index)[1]; at++) {
                for (int bit = 0; bit < 8; bit++) {
                    flip(newest.data(), data, at, bit);
                    JournalDamaged damage = catchThrowableOfType(JournalDamaged.class, () -> Recovery.of(journal));
                    assertThat(damage).as("byte %d bit %d", at, bit).isNotNull();
                    assertThat(damage.sequence()).isEqualTo(7 + index);
                    restore(newest.data(), data, at);
                    cases++;
                }
            }
        }
        Scratch.report("FlippedBitTest", "%d bits flipped under an old mark, all refused", cases);
    }

    @Test
    void aFlippedBitInTheFirstRecordKeptIsFound() throws Exception {
        new EpochFiles(journal, 1).delete();
        EpochFiles oldest = new EpochFiles(journal, 2);
        byte[] data = Files.readAllBytes(oldest.data());
        long[] first = Attack.excerptRanges(oldest).getFirst();
        for (int at = (int) first[0]; at < first[1]; at++) {
            for (int bit = 0; bit < 8; bit++) {
                flip(oldest.data(), data, at, bit);
                assertThat(Verifier.verify(journal)).as("byte %d bit %d", at, bit).satisfies(report -> {
                    assertThat(report.good()).isFalse();
                    assertThat(report.records()).isZero();
                });
                restore(oldest.data(), data, at);
            }
        }
    }

    /** An orderly end is believed for its last record only. */
    @Test
    void aFlippedBitInTheLastRecordOfAClosedJournalIsRefused() throws Exception {
        try (Journal closed = Scratch.open(journal)) {
            closed.append(new byte[] {1, 2, 3});
        }
        EpochFiles newest = Scratch.newestEpoch(journal);
        byte[] data = Files.readAllBytes(newest.data());
        long[] last = Attack.excerptRanges(newest).getLast();
        int cases = 0;
        for (int at = (int) last[0]; at < last[1]; at++) {
            for (int bit = 0; bit < 8; bit++) {
                flip(newest.data(), data, at, bit);
                JournalDamaged damage = catchThrowableOfType(JournalDamaged.class, () -> Recovery.of(journal));
                assertThat(damage).as("byte %d bit %d", at, bit).isNotNull();
                assertThat(damage.sequence()).isEqualTo(12);
                restore(newest.data(), data, at);
                cases++;
            }
        }
        assertThat(Recovery.of(journal).found().head().sequence()).isEqualTo(12);
        Scratch.report("FlippedBitTest", "%d bits of the last record of a closed journal flipped, all refused", cases);
    }

    @Test
    void chroniclesOwnTableMayBeGarbage() throws Exception {
        for (EpochFiles epoch : EpochFiles.list(journal)) {
            byte[] garbage = new byte[(int) Files.size(epoch.table())];
            new Random(2).nextBytes(garbage);
            Files.write(epoch.table(), garbage);
        }
        assertThat(outcome().refused()).isFalse();
        try (Journal opened = Scratch.open(journal)) {
            assertThat(opened.head().sequence()).isEqualTo(11);
        }
    }

    private record Outcome(boolean refused) {}

    /** Recovers and reads everything, and holds what comes to the original. */
    private Outcome outcome() throws Exception {
        boolean refused = false;
        try {
            Recovery recovery = Recovery.of(journal);
            assertThat(recovery.found().head()).isEqualTo(original.getLast().position());
            assertThat(recovery.nextEpoch()).isEqualTo(4);
        } catch (JournalDamaged e) {
            refused = true;
        }
        List<JournalRecord> read = Scratch.readable(journal);
        assertThat(Scratch.isPrefix(read, original)).isTrue();
        VerifyReport report = Verifier.verify(journal);
        assertThat(report.records()).isEqualTo(read.size());
        if (report.good()) {
            assertThat(refused).isFalse();
            assertThat(read).hasSameSizeAs(original);
        } else {
            assertThat(report.damage().get().sequence()).isEqualTo(read.size() + 1);
        }
        return new Outcome(!report.good());
    }

    private static void flip(Path file, byte[] data, int at, int bit) throws Exception {
        Scratch.overwrite(file, at, new byte[] {(byte) (data[at] ^ 1 << bit)});
    }

    private static void restore(Path file, byte[] data, int at) throws Exception {
        Scratch.overwrite(file, at, new byte[] {data[at]});
    }
}
