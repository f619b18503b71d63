package io.cairn.driver.host;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Wall time in nanoseconds since 1970-01-01 UTC. */
public final class WallClock {
    private WallClock() {}

    public static long now() {
        return nanos(Instant.now());
    }

    /** When a file was last written to. */
    public static long modified(Path file) throws IOException {
        return nanos(Files.getLastModifiedTime(file).toInstant());
    }

    private static long nanos(Instant instant) {
        return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
    }
}
