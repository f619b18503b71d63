package io.cairn.journal;

import io.cairn.linux.DurableFiles;
import io.vavr.collection.List;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One epoch's place on the disk.
 *
 * <pre>
 *  epoch-0000000000000001/
 *    19700101F.cq4     the records; one file per epoch, since the queue's clock stands still
 *    metadata.cq4t     Chronicle's table store; holds nothing that is needed to read
 *    synced            {@link SyncMark}
 *  gone-0000000000000001/   an epoch that is being deleted
 * </pre>
 */
record EpochFiles(Path journal, long number) {
    private static final Pattern NAME = Pattern.compile("epoch-([0-9a-f]{16})");
    private static final String GONE = "gone-";
    private static final Path EMPTY = Path.of("/dev/null");

    Path directory() {
        return journal.resolve("epoch-%016x".formatted(number));
    }

    Path data() {
        return directory().resolve("19700101F.cq4");
    }

    /** The data file to read from; an empty file where there is none. */
    Path readable() {
        return Files.exists(data()) ? data() : EMPTY;
    }

    Path table() {
        return directory().resolve("metadata.cq4t");
    }

    Path mark() {
        return directory().resolve("synced");
    }

    EpochFiles next() {
        return new EpochFiles(journal, number + 1);
    }

    /** All epochs in order of their number. */
    static List<EpochFiles> list(Path journal) throws IOException {
        try (var entries = Files.list(journal)) {
            return List.ofAll(entries.map(entry -> NAME.matcher(entry.getFileName().toString()))
                            .filter(Matcher::matches)
                            .map(name -> new EpochFiles(journal, Long.parseUnsignedLong(name.group(1), 16))))
                    .sortBy(EpochFiles::number);
        }
    }

    /** Takes the epoch out in one step, whatever happens during the deletion after it. */
    void delete() throws IOException {
        Path gone = journal.resolve(GONE + "%016x".formatted(number));
        if (Files.exists(gone)) {
            deleteTree(gone);
        }
        Files.move(directory(), gone);
        DurableFiles.syncDirectory(journal);
        deleteTree(gone);
    }

    /** Finishes deletions that a crash interrupted. */
    static void deleteGone(Path journal) throws IOException {
        try (var entries = Files.list(journal)) {
            for (Path entry : entries.filter(path -> path.getFileName().toString().startsWith(GONE)).toList()) {
                deleteTree(entry);
            }
        }
    }

    private static void deleteTree(Path directory) throws IOException {
        try (var files = Files.list(directory)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        Files.delete(directory);
    }
}
