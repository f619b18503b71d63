package io.cairn.bench.journal;

import io.cairn.journal.EpochStart;
import io.cairn.journal.Journal;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalOptions;
import io.cairn.proto.journal.EpochOpened;
import io.cairn.proto.journal.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Journals to measure with, below a directory of the disk that is measured. */
final class BenchJournal {
    /** As the daemon's: see the configuration's {@code journal.roll_bytes}. */
    static final JournalOptions OPTIONS = JournalOptions.defaults().withEpochBytes(64 << 20);
    static final int EVENTS = 1_000_000;

    private BenchJournal() {}

    /** -Dcairn.bench.dir; the system's temporary directory if it is not set. */
    static Path newDirectory() throws IOException {
        return Files.createTempDirectory(Path.of(System.getProperty("cairn.bench.dir", System.getProperty("java.io.tmpdir"))), "cairn-bench");
    }

    static Journal open(Path directory) throws JournalException {
        return Journal.open(directory, OPTIONS, BenchJournal::opened);
    }

    private static byte[] opened(EpochStart start) {
        return Event.newBuilder().setSequence(start.sequence()).setEpoch(start.epoch()).setVersion(1)
                .setEpochOpened(EpochOpened.newBuilder().setEpoch(start.epoch()).setBootId("boot")).build().toByteArray();
    }

    static void append(Journal journal, int events) throws JournalException {
        var lives = new Lives();
        while (journal.head().sequence() < events) {
            journal.prepare(1, 1 << 16);
            journal.append(lives.next().setSequence(journal.head().sequence() + 1).setEpoch(1).build().toByteArray());
        }
        journal.sync();
    }

    static void copy(Path from, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    static void delete(Path directory) throws IOException {
        try (var walk = Files.walk(directory)) {
            for (Path path : walk.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
