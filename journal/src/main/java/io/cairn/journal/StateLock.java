package io.cairn.journal;

import io.cairn.linux.DurableFiles;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Keeps a second daemon away from a state directory. The lock is the kernel's (flock(2)), not the file: it ends with the
 * process, however that ends, and a file left behind blocks nobody. The file only tells who has it.
 */
public final class StateLock implements AutoCloseable {
    private static final String FILE = "lock";
    private static final int PID_BYTES_MAX = 20;

    private final DurableFiles.Handle file;

    private StateLock(DurableFiles.Handle file) {
        this.file = file;
    }

    /** Another process has it. */
    public static final class Held extends Exception {
        private static final long serialVersionUID = 1L;

        private final long pid;

        private Held(Path directory, long pid) {
            super("The state directory %s is in use by %s: only one daemon may have it"
                    .formatted(directory, pid == 0 ? "a process that has not told its pid yet" : "process " + pid));
            this.pid = pid;
        }

        /** The holder, as it sees itself; 0 if it is only just starting. */
        public long pid() {
            return pid;
        }
    }

    /**
     * Takes the lock or says who has it; never waits.
     *
     * @param stateDirectory must exist; the file {@code lock} is made in it
     */
    public static StateLock acquire(Path stateDirectory) throws Held, IOException {
        Path path = stateDirectory.resolve(FILE);
        DurableFiles.Handle file = DurableFiles.openOrCreate(path);
        try {
            if (!file.tryLock()) {
                throw new Held(stateDirectory, holder(path));
            }
            file.truncate(0);
            file.write(0, Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII));
            return new StateLock(file);
        } catch (Held | IOException | RuntimeException | Error e) {
            file.close();
            throw e;
        }
    }

    /**
     * The process that has the lock now; none if nobody has. Neither takes the lock nor writes anything.
     *
     * <p>Source: /proc/locks of proc_locks(5), one line a lock: {@code 1: FLOCK ADVISORY WRITE PID MAJOR:MINOR:INODE 0 EOF}.
     */
    public static Option<Long> holderOf(Path stateDirectory) throws IOException {
        Path file = stateDirectory.resolve(FILE);
        if (!Files.exists(file)) {
            return Option.none();
        }
        String inode = ":" + Files.getAttribute(file, "unix:ino");
        for (String line : Files.readAllLines(Path.of("/proc/locks"))) {
            String[] words = line.trim().split(" +");
            if (words.length > 5 && words[1].equals("FLOCK") && words[5].endsWith(inode)) {
                return Option.of(holder(file));
            }
        }
        return Option.none();
    }

    private static long holder(Path file) throws IOException {
        try (var in = Files.newInputStream(file)) {
            String text = new String(in.readNBytes(PID_BYTES_MAX), StandardCharsets.US_ASCII);
            return text.matches("[0-9]{1,10}") ? Long.parseLong(text) : 0;
        }
    }

    /** Lets go. Idempotent. */
    @Override
    public void close() {
        file.close();
    }
}
