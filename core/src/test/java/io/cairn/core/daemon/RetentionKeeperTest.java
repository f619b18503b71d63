package io.cairn.core.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.projection.Subjects.Kind;
import io.cairn.core.projection.Subjects.Subject;
import io.cairn.core.recovery.StateAt;
import io.cairn.core.recovery.Verification;
import io.cairn.core.sim.Directories;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.proto.journal.EpochRetired;
import io.cairn.proto.journal.Event;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Old epochs go, and everything that is not history is still there. */
class RetentionKeeperTest {
    private static final RetentionOptions FEW = new RetentionOptions(Duration.ofDays(30), 60_000);
    private static final RetentionOptions ALL = new RetentionOptions(Duration.ofDays(30), Long.MAX_VALUE);

    @TempDir(factory = InMemory.class) Path temp;

    @Test
    void whatIsTooMuchIsCoveredByASnapshotRecordedAndDeletedWhileTheDaemonRuns() throws Exception {
        try (var life = new RetainedLife(temp, FEW)) {
            life.pullsUntilRetired(3);
        }
        List<Event> events = RetainedLife.events(temp);
        List<EpochRetired> retired = events.stream().filter(Event::hasEpochRetired).map(Event::getEpochRetired).toList();
        assertThat(retired).isNotEmpty().allMatch(r -> r.getReason() == EpochRetired.Reason.SIZE && r.getSizeBytes() > 0);
        assertThat(events.getFirst().getSequence()).isEqualTo(retired.getLast().getLastSequence() + 1);
        assertThat(events.stream().filter(e -> e.hasSnapshotTaken() && e.getSnapshotTaken().getAppliedSequence()
                >= retired.getLast().getLastSequence())).isNotEmpty();
        assertGood(true);
    }

    @Test
    void whatIsOldGoesAtTheNextStartAndTheReasonIsTold() throws Exception {
        try (var life = new RetainedLife(temp, ALL)) {
            life.pulls(60);
        }
        int epochs = RetainedLife.epochs(temp).size();
        try (var life = new RetainedLife(temp, new RetentionOptions(Duration.ZERO, Long.MAX_VALUE))) {
            life.awaitRetired(epochs);
            Eventually.holds("only the newest epoch is there", () -> RetainedLife.epochs(temp).size() == 1);
        }
        assertThat(RetainedLife.events(temp).stream().filter(Event::hasEpochRetired).map(e -> e.getEpochRetired().getReason()))
                .hasSize(epochs).containsOnly(EpochRetired.Reason.AGE);
        assertGood(true);
    }

    @Test
    void aStartWithoutItsProjectionTakesTheSnapshotAndTheEventsSince() throws Exception {
        var before = RetainedLife.retire(temp, FEW);
        for (int again = 0; again < 2; again++) {
            Directories.delete(temp.resolve("projection"));
            try (var life = new RetainedLife(temp, ALL)) {
                assertThat(life.state().withEpoch(before.epoch(), before.bootId())).isEqualTo(before);
            }
            assertGood(true);
        }
    }

    @Test
    void theStateAtAMomentIsToldFromTheSnapshotOrNotAtAll() throws Exception {
        var before = RetainedLife.retire(temp, FEW);
        Path journal = temp.resolve("journal");
        Path snapshots = temp.resolve("snapshots");
        long oldest = RetainedLife.events(temp).getFirst().getSequence();

        StateAt newest = StateAt.sequence(journal, snapshots, Long.MAX_VALUE);
        assertThat(newest.state().withEpoch(before.epoch(), before.bootId())).isEqualTo(before);
        assertThat(newest.last().get()).isEqualTo(RetainedLife.events(temp).getLast());
        assertThatThrownBy(() -> StateAt.sequence(journal, snapshots, oldest - 1)).hasMessageContaining("has retired what was before");
        assertThatThrownBy(() -> StateAt.time(journal, snapshots, 0)).hasMessageContaining("has retired what was before");
        assertThatThrownBy(() -> StateAt.sequence(journal, temp.resolve("nowhere"), Long.MAX_VALUE)).hasMessageContaining("no snapshot in");
    }

    @Test
    void theHistoryOfWhatIsGoneGoesWithItsEpochs() throws Exception {
        RetainedLife.retire(temp, FEW);
        long oldest = RetainedLife.events(temp).getFirst().getSequence();
        try (var life = new RetainedLife(temp, ALL)) {
            assertThat(life.projection().retiredSequence()).isEqualTo(oldest - 1);
            assertThat(life.projection().history(new Subject(Kind.PULL, RetainedLife.pullId(0)))).isEmpty();
            assertThat(life.projection().history(new Subject(Kind.IMAGE, RetainedLife.IMAGE))).isNotEmpty().allMatch(s -> s >= oldest);
        }
    }

    @Test
    void aSnapshotThatWasEditedStandsForNothing() throws Exception {
        RetainedLife.retire(temp, FEW);
        Directories.delete(temp.resolve("projection"));
        RetainedLife.put(RetainedLife.snapshot(temp), "iforged", "row");
        assertThatThrownBy(() -> new RetainedLife(temp, ALL)).hasMessageContaining("Expected a snapshot in")
                .hasMessageContaining("which were retired");
        assertThat(verify().problems()).singleElement().asString().contains("Expected a snapshot");
    }

    @Test
    void aSnapshotWithFlippedBitsStandsForNothing() throws Exception {
        RetainedLife.retire(temp, FEW);
        Directories.delete(temp.resolve("projection"));
        Path table = RetainedLife.tables(RetainedLife.snapshot(temp)).getFirst();
        byte[] bytes = Files.readAllBytes(table);
        bytes[bytes.length / 3] ^= 4;
        Files.write(table, bytes);
        assertThatThrownBy(() -> new RetainedLife(temp, ALL)).hasMessageContaining("Expected a snapshot in");
    }

    @Test
    void theSnapshotSharesNoFileWithTheProjection() throws Exception {
        RetainedLife.retire(temp, FEW);
        for (Path table : RetainedLife.tables(RetainedLife.snapshot(temp))) {
            assertThat(Files.getAttribute(table, "unix:nlink")).isEqualTo(1);
        }
    }

    @Test
    void aDeletionThatACrashCutOffIsFinishedAtTheNextStart() throws Exception {
        try (var life = new RetainedLife(temp, ALL)) {
            life.pulls(60);
        }
        Path copies = temp.resolve("copies");
        Directories.copy(temp.resolve("journal"), copies);
        RetainedLife.retire(temp, FEW);
        Path last = RetainedLife.epochs(temp).getFirst();
        Path before = last.resolveSibling("epoch-%016x".formatted(Long.parseLong(last.getFileName().toString().substring(6), 16) - 1));
        Files.move(copies.resolve(before.getFileName()), before);
        assertThat(verify().problems()).as("what was to go and is still there is no damage").isEmpty();
        try (var _ = new RetainedLife(temp, ALL)) {
            Eventually.holds("it is gone", () -> Files.notExists(before));
        }
        assertGood(true);
    }

    @Test
    void epochsThatNobodyRetiredAreMissed() throws Exception {
        try (var life = new RetainedLife(temp, ALL)) {
            life.pulls(60);
        }
        Directories.delete(temp.resolve("journal").resolve("epoch-0000000000000001"));
        assertThat(verify().problems()).singleElement().asString().contains("Records 1 to ").contains("somebody took them away");
        try (var _ = new RetainedLife(temp, ALL)) {
            assertThat(verify().good()).as("a start does not make it good").isFalse();
        }
        Directories.delete(temp.resolve("projection"));
        assertThatThrownBy(() -> new RetainedLife(temp, ALL)).hasMessageContaining("Expected a snapshot in");
    }

    private void assertGood(boolean fromSnapshot) throws Exception {
        var findings = verify();
        assertThat(findings.problems()).isEmpty();
        assertThat(findings.base().isDefined()).isEqualTo(fromSnapshot);
        assertThat(findings.rows()).isPositive();
    }

    private Verification.Findings verify() throws Exception {
        return Verification.of(temp.resolve("journal"), temp.resolve("projection"), temp.resolve("snapshots"), (phase, sequence) -> {});
    }
}
