package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
        Child.Launcher launcher = Child.Launcher.make(temp);
        try (Child first = launcher.start(Appender.class, temp.resolve("warm").toString(), "1", "50")) {
            assertThat(first.awaitExit()).isZero();
        }
        try (var lanes = Executors.newFixedThreadPool(LANES)) {
            var results = new ArrayList<Future<Lane>>();
            for (int lane = 0; lane < LANES; lane++) {
                Lane run = new Lane(launcher, temp.resolve("lane" + lane), new Random(random.nextLong()));
                results.add(lanes.submit(run));
            }
            int acks = 0;
            int duringOpen = 0;
            for (Future<Lane> result : results) {
                acks += result.get().acks.size();
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
        private final Map<Long, Long> acks = new HashMap<>();
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
                if (kill % 10 == 0) {
                    check(lastAcked() - 1000);
                }
            }
            check(1);
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
                for (String line : lines) {
                    String[] words = line.split(" ");
                    if (words[0].equals("open")) {
                        assertThat(Long.parseLong(words[1])).isGreaterThanOrEqualTo(lastAcked());
                    } else if (words.length == 2) {
                        acks.put(Long.parseLong(words[0]), Long.parseLong(words[1]));
                    }
                }
            }
        }

        private long lastAcked() {
            return acks.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        }

        /** Every record is genuine, and those that were acknowledged are these. */
        private void check(long from) throws Exception {
            if (!Files.exists(journal)) {
                return;
            }
            var seen = new HashMap<Long, Long>();
            try (JournalReader reader = JournalReader.open(journal, from)) {
                reader.forEachRemaining(record -> {
                    assertThat(Appender.isGenuine(record)).as("record %d", record.sequence()).isTrue();
                    if (acks.containsKey(record.sequence())) {
                        seen.put(record.sequence(), Appender.seedOf(record));
                    }
                });
            }
            acks.forEach((sequence, seed) -> {
                if (sequence >= from) {
                    assertThat(seen).containsEntry(sequence, seed);
                }
            });
        }
    }
}
