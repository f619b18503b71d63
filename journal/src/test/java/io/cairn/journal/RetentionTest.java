package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetentionTest {
    private static final long ALL = Long.MAX_VALUE;
    private static final long ANY_SIZE = Long.MAX_VALUE;
    private static final Duration HOUR = Duration.ofHours(1);
    private static final Instant NOW = Instant.parse("2030-01-01T00:00:00Z");

    @TempDir Path temp;

    private Path journal;

    /** Epoch n holds records 3n-2 to 3n; it was closed 10-n hours ago. */
    @BeforeEach
    void aJournalOfFiveEpochs() throws Exception {
        journal = temp.resolve("journal");
        for (int epoch = 1; epoch <= 5; epoch++) {
            try (Journal open = Scratch.open(journal)) {
                open.append(new byte[1000]);
                open.append(new byte[1000]);
            }
            Files.setLastModifiedTime(new EpochFiles(journal, epoch).data(), FileTime.from(NOW.minus(HOUR.multipliedBy(10 - epoch))));
        }
    }

    @Test
    void onlyWhatIsCoveredAndOldGoes() throws Exception {
        assertThat(delete(ALL, Duration.ofSeconds(Long.MAX_VALUE), ANY_SIZE)).isEmpty();
        assertThat(delete(5, Duration.ZERO, ANY_SIZE)).containsExactly(1L);
        assertThat(delete(ALL, HOUR.multipliedBy(7), ANY_SIZE)).containsExactly(2L);
        assertStillOneChain(7, 9);
    }

    @Test
    void theOldestGoWhenThereIsTooMuch() throws Exception {
        assertThat(delete(ALL, HOUR.multipliedBy(20), 5000)).containsExactly(1L, 2L, 3L);
        assertThat(delete(ALL, Duration.ZERO, 0)).containsExactly(4L);
        assertThat(delete(ALL, Duration.ZERO, 0)).isEmpty();
        assertStillOneChain(13, 3);
    }

    @Test
    void aClockSetBackDeletesNothingAndOneSetForwardOnlyWhatIsCovered() throws Exception {
        assertThat(Retention.deleteSealed(journal, 6, HOUR, ANY_SIZE, InstantSource.fixed(Instant.EPOCH))).isEmpty();
        InstantSource forward = InstantSource.fixed(NOW.plus(Duration.ofDays(9999)));
        assertThat(Retention.deleteSealed(journal, 6, HOUR, ANY_SIZE, forward)).containsExactly(1L, 2L);
        assertStillOneChain(7, 9);
    }

    @Test
    void epochsWrittenUnderAWildClockStayInOrder() throws Exception {
        Files.setLastModifiedTime(new EpochFiles(journal, 5).data(), FileTime.from(Instant.EPOCH));
        Files.setLastModifiedTime(new EpochFiles(journal, 1).data(), FileTime.from(NOW.plus(HOUR)));
        assertThat(delete(ALL, HOUR, ANY_SIZE)).as("the oldest epoch is not old by its file, and nothing goes before it").isEmpty();
        try (Journal open = Scratch.open(journal)) {
            assertThat(open.recovered().head().sequence()).isEqualTo(15);
        }
    }

    @Test
    void aJournalWithALimitKeepsToItByItself() throws Exception {
        Path access = temp.resolve("access");
        long limit = 200_000;
        try (Journal open = Scratch.open(access, Scratch.OPTIONS.withEpochBytes(20_000).withMaxTotalBytes(limit))) {
            for (int i = 0; i < 3000; i++) {
                open.append(new byte[400]);
            }
            long bytes = 0;
            for (EpochFiles epoch : EpochFiles.list(access)) {
                bytes += epoch.number() == Scratch.newestEpoch(access).number() ? 0 : Files.size(epoch.data());
            }
            assertThat(bytes).isBetween(limit / 2, limit);
            assertThat(Verifier.verify(access).good()).isTrue();
        }
        try (Journal open = Scratch.open(access)) {
            assertThat(open.recovered().oldestSequence()).isGreaterThan(1000);
        }
    }

    @Test
    void aDeletionThatACrashInterruptedIsFinished() throws Exception {
        Path gone = journal.resolve("gone-0000000000000001");
        Files.move(new EpochFiles(journal, 1).directory(), gone);
        Files.delete(gone.resolve("synced"));
        assertStillOneChain(4, 12);
        try (Journal _ = Scratch.open(journal)) {
            assertThat(gone).doesNotExist();
        }
    }

    @Test
    void aReaderThatIsOvertakenSaysFromWhereItCanGoOn() throws Exception {
        try (JournalReader reader = JournalReader.open(journal, 1)) {
            assertThat(reader.next().get().sequence()).isEqualTo(1);
            delete(9, Duration.ZERO, ANY_SIZE);
            assertThat(reader.next().get().sequence()).isEqualTo(2);
            assertThat(reader.next().get().sequence()).isEqualTo(3);
            assertThatThrownBy(reader::next).isInstanceOf(JournalFailure.class).hasMessageContaining("before record 10 were deleted");
        }
    }

    private List<Long> delete(long covered, Duration maxAge, long maxBytes) throws JournalFailure {
        return Retention.deleteSealed(journal, covered, maxAge, maxBytes, InstantSource.fixed(NOW));
    }

    private void assertStillOneChain(long oldest, long records) throws Exception {
        VerifyReport report = Verifier.verify(journal);
        assertThat(report.good()).isTrue();
        assertThat(report.oldest().get().sequence()).isEqualTo(oldest);
        assertThat(report.records()).isEqualTo(records);
    }
}
