package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL at any moment of a daemon's life, opening included, life after life on one journal. */
class KilledProcessTest {
    private static final int LANES = 2;
    private static final int KILLS_PER_LANE = 100;
    private static final int LOAD_MILLIS_MAX = 120;

    @TempDir Path temp;

    @Test
    void noAcknowledgedRecordIsLostToTwoHundredKills() throws Exception {
        var random = Scratch.random("KilledProcessTest");
        Child.Launcher launcher = Child.Launcher.make(temp).learn(Appender.class, temp.resolve("warm").toString(), "1", "50");
        try (var lanes = Executors.newFixedThreadPool(LANES)) {
            var results = new ArrayList<Future<Lane>>();
            for (int lane = 0; lane < LANES; lane++) {
                Lane run = new Lane(launcher, temp.resolve("lane" + lane), new Random(random.nextLong()));
                results.add(lanes.submit(run));
            }
            int acks = 0;
            int duringOpen = 0;
            for (Future<Lane> result : results) {
                acks += result.get().acks.count();
                duringOpen += result.get().killedDuringOpen;
            }
            Scratch.report("KilledProcessTest", "%d kills, %d of them before the journal was open; %d acknowledged records, all there",
                    LANES * KILLS_PER_LANE, duringOpen, acks);
            assertThat(acks).isPositive();
        }
    }

    private static final class Lane implements Callable<Lane> {
        private final Child.Launcher launcher;
        private final Path journal;
        private final Random random;
        private final Acks acks = new Acks();
        private int killedDuringOpen;
        private long openMicros;

        Lane(Child.Launcher launcher, Path journal, Random random) {
            this.launcher = launcher;
            this.journal = journal;
            this.random = random;
        }

        @Override
        public Lane call() throws Exception {
            for (int kill = 0; kill < KILLS_PER_LANE; kill++) {
                live();
                if (kill % 10 == 0 && Files.exists(journal)) {
                    acks.assertAllIn(journal, Math.max(1, acks.last() - 1000));
                }
            }
            acks.assertAllIn(journal, 1);
            assertThat(Verifier.verify(journal).good()).isTrue();
            return this;
        }

        /** One life in three ends at a moment of its start, the others under load. */
        private void live() throws Exception {
            String seed = Long.toString(random.nextLong());
            long start = System.nanoTime();
            try (Child child = launcher.start(Appender.class, journal.toString(), seed, Integer.toString(Integer.MAX_VALUE))) {
                if (random.nextInt(3) == 0) {
                    assertThat(child.endsWithin(random.nextLong(1 + openMicros * 5 / 4), TimeUnit.MICROSECONDS)).isFalse();
                } else {
                    child.awaitLines(1);
                    openMicros = (System.nanoTime() - start) / 1000;
                    assertThat(child.endsWithin(random.nextInt(LOAD_MILLIS_MAX), TimeUnit.MILLISECONDS)).isFalse();
                }
                List<String> lines = child.kill();
                killedDuringOpen += lines.isEmpty() ? 1 : 0;
                acks.addAll(lines);
            }
        }
    }
}
