package io.cairn.app;

import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;

/** Times as commands print them, in the operator's zone. On its own, since the JDK looks into every jar for zones, and a daemon prints none. */
final class ShownTime {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());

    private ShownTime() {}

    /** @param wallNanos since 1970 */
    static String of(long wallNanos) {
        return FORMAT.format(Instant.ofEpochSecond(0, wallNanos));
    }
}
