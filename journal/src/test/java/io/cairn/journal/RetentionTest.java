package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.vavr.collection.List;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
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
    void whatIsOldIsDueAndGoesOnlyUpToWhatIsCovered() throws Exception {
        assertThat(due(Duration.ofDays(9999), ANY_SIZE, NOW)).isEmpty();
        assertThat(due(HOUR.multipliedBy(7), ANY_SIZE, NOW)).containsExactly(1L, 2L);
        assertThat(Retention.due(journal, HOUR.multipliedBy(7), ANY_SIZE, NOW)).allSatisfy(due -> {
            assertThat(due.reason()).isEqualTo(Retention.Reason.AGE);
            assertThat(due.epoch().last().sequence()).isEqualTo(due.epoch().number() * 3);
        });
        assertThat(Retention.deleteUpTo(journal, 5)).containsExactly(1L);
        assertThat(Retention.deleteUpTo(journal, 6)).containsExactly(2L);
        assertStillOneChain(7, 9);
    }

    @Test
    void theOldestAreDueWhenThereIsTooMuchAndTheNewestNeverIs() throws Exception {
        long epochBytes = Retention.due(journal, Duration.ZERO, 0, NOW).head().epoch().bytes();
        assertThat(due(HOUR.multipliedBy(20), epochBytes, NOW)).containsExactly(1L, 2L, 3L);
        assertThat(Retention.due(journal, HOUR.multipliedBy(20), epochBytes, NOW).head().reason()).isEqualTo(Retention.Reason.SIZE);
        assertThat(due(Duration.ZERO, 0, NOW)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(Retention.deleteUpTo(journal, ALL)).containsExactly(1L, 2L, 3L, 4L);
        assertThat(due(Duration.ZERO, 0, NOW)).isEmpty();
        assertStillOneChain(13, 3);
    }

    @Test
    void aClockSetBackMakesNothingDue() throws Exception {
        assertThat(due(HOUR, ANY_SIZE, Instant.EPOCH)).isEmpty();
        assertThat(due(HOUR, ANY_SIZE, NOW.plus(Duration.ofDays(9999)))).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void epochsWrittenUnderAWildClockStayInOrder() throws Exception {
        Files.setLastModifiedTime(new EpochFiles(journal, 5).data(), FileTime.from(Instant.EPOCH));
        Files.setLastModifiedTime(new EpochFiles(journal, 1).data(), FileTime.from(NOW.plus(HOUR)));
        assertThat(due(HOUR, ANY_SIZE, NOW)).as("the oldest epoch is not old by its file, and nothing goes before it").isEmpty();
        try (Journal open = Scratch.open(journal)) {
            assertThat(open.recovered().head().sequence()).isEqualTo(15);
        }
    }

    /** Each start begins an epoch, so a journal that is never rolled has to keep to its limit too. */
    @Test
    void aLimitHoldsOverManyShortLives() throws Exception {
        Path access = temp.resolve("access");
        for (int life = 0; life < 20; life++) {
            try (Journal open = Scratch.open(access, Scratch.OPTIONS.withMaxTotalBytes(150_000))) {
                open.append(new byte[1000]);
            }
        }
        assertThat(EpochFiles.list(access).size()).isBetween(3, 8);
        assertThat(Verifier.verify(access).good()).isTrue();
    }

    @Test
    void aJournalWithALimitKeepsToItByItself() throws Exception {
        Path access = temp.resolve("access");
        long limit = 200_000;
        try (Journal open = Scratch.open(access, Scratch.OPTIONS.withEpochBytes(20_000).withMaxTotalBytes(limit))) {
            for (int i = 0; i < 3000; i++) {
                open.append(new byte[400]);
            }
            long bytes = Retention.due(access, Duration.ZERO, 0, NOW).map(due -> due.epoch().bytes()).sum().longValue();
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
            Retention.deleteUpTo(journal, 9);
            assertThat(reader.next().get().sequence()).isEqualTo(2);
            assertThat(reader.next().get().sequence()).isEqualTo(3);
            assertThatThrownBy(reader::next).isInstanceOf(JournalFailure.class).hasMessageContaining("before record 10 were deleted");
        }
    }

    private List<Long> due(Duration maxAge, long maxBytes, Instant now) throws JournalFailure {
        return Retention.due(journal, maxAge, maxBytes, now).map(due -> due.epoch().number());
    }

    private void assertStillOneChain(long oldest, long records) throws Exception {
        VerifyReport report = Verifier.verify(journal);
        assertThat(report.good()).isTrue();
        assertThat(report.oldest().get().sequence()).isEqualTo(oldest);
        assertThat(report.records()).isEqualTo(records);
    }
}
