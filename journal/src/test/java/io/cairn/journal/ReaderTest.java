package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.control.Option;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReaderTest {
    private static final int RECORDS = 20_000;

    @TempDir Path temp;

    @Test
    void aReaderBesideTheAppenderSeesEveryRecordOnce() throws Exception {
        Path directory = temp.resolve("journal");
        try (Journal journal = Scratch.open(directory, Scratch.OPTIONS.withEpochBytes(512 << 10))) {
            var read = CompletableFuture.supplyAsync(() -> follow(directory));
            var random = new Random(5);
            while (journal.head().sequence() < RECORDS) {
                journal.append(Scratch.payload(random, 400));
                if (random.nextInt(50) == 0) {
                    journal.sync();
                }
            }
            assertThat(read.get(60, TimeUnit.SECONDS).getLast().hash()).isEqualTo(hashOf(directory, RECORDS));
            assertThat(read.get()).extracting(JournalRecord::sequence).doesNotHaveDuplicates().hasSize(RECORDS);
        }
    }

    private static List<JournalRecord> follow(Path directory) {
        var records = new ArrayList<JournalRecord>();
        try (JournalReader reader = JournalReader.open(directory, 1)) {
            while (records.size() < RECORDS) {
                records.add(reader.next(Duration.ofSeconds(30)).get());
            }
        } catch (JournalException e) {
            throw new AssertionError(e);
        }
        return records;
    }

    private static Hash hashOf(Path directory, long sequence) throws JournalException {
        try (JournalReader reader = JournalReader.open(directory, sequence)) {
            return reader.next().get().hash();
        }
    }

    @Test
    void anotherProcessFollowsOverEpochsAndRestarts() throws Exception {
        Path directory = temp.resolve("journal");
        int last = 300;
        var hashes = new ArrayList<String>(List.of("ready"));
        try (Journal journal = Scratch.open(directory);
                Child follower = Child.Launcher.make(temp).start(Follower.class, directory.toString(), Integer.toString(last))) {
            follower.awaitLines(2);
            hashes.add(line(journal));
            while (journal.head().sequence() < 100) {
                journal.append(new byte[100]);
                hashes.add(line(journal));
            }
            follower.awaitLines(101);
            journal.close();
            try (Journal restarted = Scratch.open(directory, Scratch.OPTIONS.withEpochBytes(4096))) {
                hashes.add(line(restarted));
                while (restarted.head().sequence() < last) {
                    long before = restarted.head().sequence();
                    restarted.append(new byte[100]);
                    if (restarted.head().sequence() > before + 1) {
                        hashes.add(before + 1 + " " + hashOf(directory, before + 1));
                    }
                    hashes.add(line(restarted));
                }
                assertThat(follower.awaitExit()).isZero();
            }
            assertThat(follower.lines()).isEqualTo(hashes.subList(0, follower.lines().size())).hasSizeGreaterThanOrEqualTo(last + 1);
        }
    }

    private static String line(Journal journal) {
        return journal.head().sequence() + " " + journal.head().hash();
    }

    @Test
    void readingChangesNothing() throws Exception {
        Path directory = temp.resolve("journal");
        for (int epoch = 0; epoch < 3; epoch++) {
            try (Journal journal = Scratch.open(directory)) {
                journal.append(new byte[1000]);
            }
        }
        var before = listing(directory);
        assertThat(Scratch.readable(directory)).hasSize(6);
        assertThat(Verifier.verify(directory).good()).isTrue();
        assertThat(listing(directory)).isEqualTo(before);
    }

    private static TreeMap<Path, String> listing(Path directory) throws Exception {
        var listing = new TreeMap<Path, String>();
        try (var files = Files.walk(directory)) {
            for (Path file : files.toList()) {
                Object inode = Files.getAttribute(file, "unix:ino");
                listing.put(file, "%s %s %s".formatted(inode, Files.getLastModifiedTime(file), Files.size(file)));
            }
        }
        return listing;
    }

    @Test
    void aReaderBeginsWhereItIsTold() throws Exception {
        Path directory = temp.resolve("journal");
        for (int epoch = 0; epoch < 4; epoch++) {
            try (Journal journal = Scratch.open(directory)) {
                journal.append(new byte[10]);
                journal.append(new byte[10]);
            }
        }
        for (long from = 0; from <= 14; from++) {
            try (JournalReader reader = JournalReader.open(directory, from)) {
                Option<Long> first = reader.next().map(JournalRecord::sequence);
                assertThat(first).isEqualTo(from > 12 ? Option.none() : Option.of(Math.max(1, from)));
            }
        }
    }

    @Test
    void waitingForARecordThatDoesNotComeEndsInTime() throws Exception {
        try (Journal journal = Scratch.open(temp.resolve("journal"));
                JournalReader reader = JournalReader.open(temp.resolve("journal"), journal.head().sequence() + 1)) {
            assertThat(reader.next(Duration.ofMillis(120))).isEqualTo(Option.none());
        }
    }
}
