package io.cairn.driver.runc;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Wall time in nanoseconds since 1970-01-01 UTC. */
final class WallClock {
    private WallClock() {}

    static long now() {
        return nanos(Instant.now());
    }

    static long modified(Path file) throws IOException {
        return nanos(Files.getLastModifiedTime(file).toInstant());
    }

    private static long nanos(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }
}
