package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.testkit.LoopDisk;
import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The power is cut under load: whatever was not synced is gone, file system metadata included. */
class PowerLossTest {
    private static final int CUTS = 20;
    private static final int UNSYNCED = 20;

    /** The first two set the lengths of the new epoch's files. */
    private static final int CALL_THAT_TRIMS = 3;

    private static final int LOAD_MILLIS_MAX = 150;
    private static final long DISK_BYTES = 256L << 20;

    private static Child.Launcher launcher;

    @TempDir Path temp;

    private long openMicros;

    @BeforeAll
    static void startChildrenQuickly(@TempDir Path programs) throws Exception {
        launcher = Child.Launcher.make(programs).learn(Appender.class, programs.resolve("warm").toString(), "1", "50");
    }

    @ParameterizedTest
    @EnumSource(LoopDisk.Type.class)
    void noAcknowledgedRecordIsLostToPowerCuts(LoopDisk.Type type) throws Exception {
        var random = Scratch.random("PowerLossTest");
        var acks = new Acks();
        int duringOpen = 0;
        int cutTails = 0;
        try (LoopDisk disk = LoopDisk.make(temp, type, DISK_BYTES)) {
            Path journal = disk.root().resolve("journal");
            for (int cut = 0; cut < CUTS; cut++) {
                List<String> lines = liveUntilTheCut(disk, journal, random, cut % 4 == 3);
                duringOpen += lines.isEmpty() ? 1 : 0;
                acks.addAll(lines);
                if (Files.exists(journal)) {
                    cutTails += Recovery.of(journal).found().tail() instanceof TailVerdict.Cut ? 1 : 0;
                    acks.assertAllIn(journal, 1);
                    assertThat(Verifier.verify(journal).good()).isTrue();
                }
            }
        }
        Scratch.report("PowerLossTest", "%s: %d power cuts, %d of them before it was open, %d left a damaged tail; %d records acknowledged,"
                + " all there", type, CUTS, duringOpen, cutTails, acks.count());
        assertThat(acks.count()).isPositive();
    }

    /**
     * What a killed process left in the page cache is taken over by the next one: as soon as its epoch names these records, they
     * must not vanish. strace kills it right after that, when it is about to cut the old file to its length.
     */
    @ParameterizedTest
    @EnumSource(LoopDisk.Type.class)
    void whatWasRecoveredAfterAKillSurvivesAPowerCut(LoopDisk.Type type) throws Exception {
        try (LoopDisk disk = LoopDisk.make(temp, type, DISK_BYTES)) {
            Path journal = disk.root().resolve("journal");
            leaveUnsyncedTail(disk, journal);
            List<String> strace = List.of("strace", "-f", "-o", "/dev/null", "-e", "trace=ftruncate",
                    "-e", "inject=ftruncate:signal=SIGKILL:when=" + CALL_THAT_TRIMS);
            try (Child child = launcher.start(strace, Appender.class, journal.toString(), "1", "0")) {
                assertThat(child.awaitExit()).isNotZero();
                assertThat(child.lines()).isEmpty();
            }
            assertThat(EpochFiles.list(journal)).hasSize(2);
            disk.cutPower();
            disk.boot();
            assertThat(Verifier.verify(journal).damage()).isEqualTo(Option.none());
            assertThat(Verifier.verify(journal).records()).isEqualTo(UNSYNCED + 2);
        }
    }

    /** A journal whose files and first record are on the disk and whose other records are only in the page cache. */
    private void leaveUnsyncedTail(LoopDisk disk, Path journal) throws Exception {
        Path live = temp.resolve("live");
        long synced;
        try (Journal killed = Scratch.open(live)) {
            synced = Scratch.endOfRecords(Scratch.newestEpoch(live));
            for (int i = 0; i < UNSYNCED; i++) {
                killed.append(new byte[3000]);
            }
            Scratch.copyAsKilled(live, journal);
        }
        EpochFiles epoch = Scratch.newestEpoch(journal);
        byte[] data = Files.readAllBytes(epoch.data());
        Scratch.overwrite(epoch.data(), synced, new byte[data.length - (int) synced]);
        disk.sync();
        Scratch.overwrite(epoch.data(), 0, data);
    }

    private List<String> liveUntilTheCut(LoopDisk disk, Path journal, Random random, boolean early) throws Exception {
        String seed = Long.toString(random.nextLong());
        long start = System.nanoTime();
        try (Child child = launcher.start(Appender.class, journal.toString(), seed, Integer.toString(Integer.MAX_VALUE))) {
            if (early) {
                assertThat(child.endsWithin(random.nextLong(1 + openMicros * 5 / 4), TimeUnit.MICROSECONDS)).isFalse();
            } else {
                child.awaitLines(1);
                openMicros = (System.nanoTime() - start) / 1000;
                assertThat(child.endsWithin(random.nextInt(LOAD_MILLIS_MAX), TimeUnit.MILLISECONDS)).isFalse();
            }
            disk.cutPower();
            List<String> lines = child.kill();
            disk.boot();
            return lines;
        }
    }
}
