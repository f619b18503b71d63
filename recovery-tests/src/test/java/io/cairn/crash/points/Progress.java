package io.cairn.crash.points;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;

/** Says in a file how far the suite is, in one line, and beside it what has failed so far. Thread-safe. */
final class Progress {
    private static final Progress SILENT = new Progress(Optional.empty());

    private final Optional<Path> file;
    private String what = "";
    private int all;
    private int done;
    private int failed;
    private long beginNanos;

    private Progress(Optional<Path> file) {
        this.file = file;
    }

    static Progress silent() {
        return SILENT;
    }

    static Progress in(Path file) throws IOException {
        Files.createDirectories(file.getParent());
        Files.deleteIfExists(failures(file));
        return new Progress(Optional.of(file));
    }

    private static Path failures(Path file) {
        return file.resolveSibling(file.getFileName() + ".failures");
    }

    synchronized void begin(String next, int count) {
        what = next;
        all = count;
        done = 0;
        beginNanos = System.nanoTime();
        say();
    }

    synchronized void done() {
        done++;
        say();
    }

    synchronized void failed(Throwable failure) {
        failed++;
        file.ifPresent(f -> write(failures(f), failure.getMessage() + "\n\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND));
        say();
    }

    private void say() {
        file.ifPresent(f -> write(f, "%s: %d of %d%s%s%n".formatted(what, done, all, left(), failed == 0 ? "" : ", %d runs failed".formatted(failed)),
                StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING));
    }

    private String left() {
        if (done == 0) {
            return "";
        }
        long minutes = Duration.ofNanos((System.nanoTime() - beginNanos) / done * (all - done)).toMinutes();
        return ", about %d min left".formatted(minutes);
    }

    private static void write(Path to, String text, StandardOpenOption... options) {
        try {
            Files.writeString(to, text, options);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
