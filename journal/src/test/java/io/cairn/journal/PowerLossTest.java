package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The power is cut under load: whatever was not synced is gone, file system metadata included. */
class PowerLossTest {
    private static final int CUTS = 20;
    private static final int LOAD_MILLIS_MAX = 150;
    private static final long DISK_BYTES = 256L << 20;

    @TempDir Path temp;

    private Child.Launcher launcher;
    private long openMicros;

    @BeforeEach
    void startChildrenQuickly() throws Exception {
        launcher = Child.Launcher.make(temp);
        try (Child first = launcher.start(Appender.class, temp.resolve("warm").toString(), "1", "50")) {
            assertThat(first.awaitExit()).isZero();
        }
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
        Scratch.report("PowerLossTest", "%s: %d power cuts, %d before the journal was open, %d left a damaged tail; %d acknowledged records, all there",
                type, CUTS, duringOpen, cutTails, acks.count());
        assertThat(acks.count()).isPositive();
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
