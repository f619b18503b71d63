package io.cairn.driver.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * This boot of the host. Pids, mounts, namespaces and everything in the run directory belong to one boot.
 *
 * @param id as the file that the configuration names says, usually /proc/sys/kernel/random/boot_id
 * @param timeNanos wall time, by the second: btime of proc_stat(5)
 */
public record Boot(String id, long timeNanos) {
    /** @param idFile without which, and without /proc/stat, nothing can be told: then it throws */
    public static Boot current(Path idFile) throws IOException {
        String id = Files.readString(idFile).strip();
        for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
            if (line.startsWith("btime ")) {
                return new Boot(id, TimeUnit.SECONDS.toNanos(Long.parseLong(line.substring("btime ".length()).strip())));
            }
        }
        throw new IOException("Expected /proc/stat to have a line btime (proc_stat(5)), but it has none");
    }
}
