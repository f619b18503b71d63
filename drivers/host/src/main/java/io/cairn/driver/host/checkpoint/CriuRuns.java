package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.ProcessRef;
import io.cairn.linux.Processes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * CRIU at work, as a daemon that died may have left it. It says nowhere for whom, but works in a directory of ours.
 *
 * <p>It is given time, as long as it writes: the container's processes run code of its own while it reads them, and do not outlive it if it
 * is killed then.
 */
public final class CriuRuns {
    /** How long it may write nothing. */
    private static final long IDLE_MILLIS_MAX = 30_000;
    private static final long DEATH_MILLIS_MAX = 5_000;

    private CriuRuns() {}

    /** Waits until none works in the directory; one that does not end, and writes nothing there for 30 s, is killed. */
    public static void awaitEnd(Path directory) throws IOException, DriverException {
        for (Processes.Stat stat : Processes.all()) {
            if (!stat.hasEnded() && worksIn(stat.pid(), directory)) {
                var process = new ProcessRef(stat.pid(), stat.startTicks());
                if (!awaitEnd(process, directory)) {
                    kill(process, directory);
                }
            }
        }
    }

    private static boolean awaitEnd(ProcessRef process, Path directory) throws IOException {
        for (long written = -1; ; ) {
            if (process.awaitEnd(IDLE_MILLIS_MAX)) {
                return true;
            }
            long now = bytes(directory);
            if (now == written) {
                return false;
            }
            written = now;
        }
    }

    private static long bytes(Path directory) throws IOException {
        long bytes = 0;
        try (var files = Files.walk(directory)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                bytes += Files.size(file);
            }
        } catch (NoSuchFileException | UncheckedIOException e) {
            // One that goes while it is looked at: there is work.
            return bytes + 1;
        }
        return bytes;
    }

    private static boolean worksIn(long pid, Path directory) {
        try {
            return Files.readSymbolicLink(Path.of("/proc", Long.toString(pid), "cwd")).startsWith(directory);
        } catch (IOException e) {
            return false;
        }
    }

    private static void kill(ProcessRef process, Path directory) throws IOException, DriverException {
        process.signal(Processes.SIGKILL);
        if (!process.awaitEnd(DEATH_MILLIS_MAX)) {
            throw Failures.failed("Process %d, which works in %s, was killed and does not end: look at /proc/%d/stack", process.pid(),
                    directory, process.pid());
        }
    }
}
