package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What someone may do to the files who knows their format: the verifier names the first record that is not what it was. */
class TamperedJournalTest {
    private static final int EPOCHS = 4;
    private static final int RECORDS_PER_EPOCH = 5;

    @TempDir(factory = InMemory.class) Path temp;

    private Path journal;

    @BeforeEach
    void aJournalOfFourEpochs() throws Exception {
        journal = temp.resolve("journal");
        var random = new Random(4);
        for (int epoch = 0; epoch < EPOCHS; epoch++) {
            try (Journal open = Scratch.open(journal)) {
                for (int record = 1; record < RECORDS_PER_EPOCH; record++) {
                    open.append(Scratch.payload(random, 200));
                }
            }
        }
        assertThat(Verifier.verify(journal)).satisfies(report -> {
            assertThat(report.good()).isTrue();
            assertThat(report.records()).isEqualTo(EPOCHS * RECORDS_PER_EPOCH);
            assertThat(report.epochs()).isEqualTo(EPOCHS);
        });
    }

    @Test
    void aRecordTakenOutIsNamedWhereverItWas() throws Exception {
        forEachRecord((frames, index) -> frames.remove(index), 0);
    }

    @Test
    void twoRecordsExchangedAreNamed() throws Exception {
        forEachRecord((frames, index) -> Collections.swap(frames, index, index == 0 ? 1 : index - 1), 0);
    }

    @Test
    void aRecordPutInIsNamed() throws Exception {
        forEachRecord((frames, index) -> frames.add(index, frames.get(frames.size() - 1 - index)), 1);
    }

    @Test
    void aRecordWrittenAnewWithARightChecksumIsNamed() throws Exception {
        forEachRecord((frames, index) -> frames.set(index, Attack.rewritten(frames.get(index), "forged".getBytes())), 1);
    }

    @Test
    void anEpochTakenOutIsNamed() throws Exception {
        Scratch.deleteTree(epoch(3).directory());
        expectDamage(11);
        assertThat(refused()).isEqualTo(11);
    }

    @Test
    void twoEpochsExchangedAreNamed() throws Exception {
        Path aside = temp.resolve("aside");
        Files.move(epoch(2).directory(), aside);
        Files.move(epoch(3).directory(), epoch(2).directory());
        Files.move(aside, epoch(3).directory());
        expectDamage(6);
    }

    @Test
    void theNewestEpochExchangedIsRefusedAtOnce() throws Exception {
        Path aside = temp.resolve("aside");
        Files.move(epoch(4).directory(), aside);
        Files.move(epoch(3).directory(), epoch(4).directory());
        Files.move(aside, epoch(3).directory());
        expectDamage(11);
        assertThat(refused()).isPositive();
    }

    @Test
    void anOldEpochPutInTheNewestsPlaceIsRefusedAtOnce() throws Exception {
        Scratch.deleteTree(epoch(4).directory());
        Files.move(epoch(2).directory(), epoch(4).directory());
        assertThat(refused()).isPositive();
        assertThat(Verifier.verify(journal).good()).isFalse();
    }

    @Test
    void theEndOfASealedEpochCutOffIsNamed() throws Exception {
        List<byte[]> frames = Attack.frames(epoch(2));
        Attack.replace(epoch(2), frames.subList(0, 3));
        expectDamage(9);
    }

    @Test
    void theEndOfTheNewestEpochCutOffIsRefused() throws Exception {
        List<byte[]> frames = Attack.frames(epoch(4));
        Attack.replace(epoch(4), frames.subList(0, 3));
        expectDamage(19);
        assertThat(refused()).isEqualTo(19);
    }

    @FunctionalInterface
    private interface Edit {
        void apply(List<byte[]> frames, int index);
    }

    /**
     * Applies the edit at each record of each epoch. The damage is at the record itself or, where the chain shows it only
     * there, up to {@code later} records after it.
     */
    private void forEachRecord(Edit edit, int later) throws Exception {
        int cases = 0;
        for (int number = 1; number <= EPOCHS; number++) {
            EpochFiles epoch = epoch(number);
            byte[] data = Files.readAllBytes(epoch.data());
            for (int index = 0; index < RECORDS_PER_EPOCH; index++) {
                List<byte[]> frames = new ArrayList<>(Attack.frames(epoch));
                edit.apply(frames, index);
                Attack.replace(epoch, frames);
                long first = (long) (number - 1) * RECORDS_PER_EPOCH + index + 1;
                VerifyReport report = Verifier.verify(journal);
                assertThat(report.good()).as("epoch %d record %d", number, index).isFalse();
                assertThat(report.damage().get().sequence()).as("epoch %d record %d", number, index).isBetween(first - 1, first + later);
                Files.write(epoch.data(), data);
                cases++;
            }
        }
        assertThat(Verifier.verify(journal).good()).isTrue();
        Scratch.report("TamperedJournalTest", "%d edits, all named", cases);
    }

    private void expectDamage(long sequence) throws Exception {
        assertThat(Verifier.verify(journal).damage().get().sequence()).isEqualTo(sequence);
    }

    private long refused() throws Exception {
        try {
            Recovery.of(journal);
            return 0;
        } catch (JournalDamaged e) {
            return e.sequence();
        }
    }

    private EpochFiles epoch(long number) {
        return new EpochFiles(journal, number);
    }
}
