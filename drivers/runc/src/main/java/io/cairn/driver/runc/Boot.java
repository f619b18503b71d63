package io.cairn.driver.runc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * This boot of the host. Pids, mounts, namespaces and everything in the run directory belong to one boot.
 *
 * @param id of /proc/sys/kernel/random/boot_id
 * @param timeNanos wall time, by the second: btime of proc_stat(5)
 */
record Boot(String id, long timeNanos) {
    static Boot current() throws IOException {
        String id = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        for (String line : Files.readAllLines(Path.of("/proc/stat"))) {
            if (line.startsWith("btime ")) {
                return new Boot(id, TimeUnit.SECONDS.toNanos(Long.parseLong(line.substring("btime ".length()).strip())));
            }
        }
        throw new IOException("Expected /proc/stat to have a line btime (proc_stat(5)), but it has none");
    }
}
