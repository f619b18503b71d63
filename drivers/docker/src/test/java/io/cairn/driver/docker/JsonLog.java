package io.cairn.driver.docker;

import io.cairn.testkit.LogLine;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.stream.Collectors;

/** The engine's log as the kubelet reads it: each line is what the CRI's form says in another way. */
final class JsonLog {
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSSSSSX").withZone(ZoneOffset.UTC);

    private JsonLog() {}

    static String asCri(Path log) throws IOException {
        return LogLine.of(log).stream().map(line -> "%s %s %s %s\n".formatted(TIME.format(Instant.parse(line.time())), line.stream(), line.tag(),
                line.text().replaceAll("\r$", ""))).collect(Collectors.joining());
    }
}
