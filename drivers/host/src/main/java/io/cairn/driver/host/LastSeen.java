package io.cairn.driver.host;

import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;

/**
 * Until when the daemon before this one, or the boot before this one, saw containers alive.
 *
 * <p>One file names them; its modification time is when they all were seen. Not synced: after power loss it is older, or absent,
 * which makes an interval wider and never wrong. Only the watching thread notes; asking is thread-safe.
 */
public final class LastSeen {
    private final Path file;
    private final Map<String, Long> before;
    private Set<String> noted = HashSet.empty();

    private LastSeen(Path file, Map<String, Long> before) {
        this.file = file;
        this.before = before;
    }

    public static LastSeen open(Path file) throws IOException {
        Option<byte[]> bytes = FileTrees.read(file);
        if (bytes.isEmpty()) {
            return new LastSeen(file, HashMap.empty());
        }
        long when = WallClock.modified(file);
        Set<String> ids = HashSet.ofAll(new String(bytes.get(), StandardCharsets.US_ASCII).lines().filter(l -> !l.isBlank()).toList());
        return new LastSeen(file, ids.toMap(id -> id, _ -> when));
    }

    /** Wall time in nanoseconds; none of a container that nobody saw. */
    public Option<Long> of(String id) {
        return before.get(id);
    }

    /** These, and no others, were alive at this time. */
    public void note(Set<String> alive, Instant when) throws IOException {
        if (!alive.equals(noted) || !Files.exists(file)) {
            FileTrees.write(file, (String.join("\n", alive) + "\n").getBytes(StandardCharsets.US_ASCII));
            noted = alive;
        }
        Files.setLastModifiedTime(file, FileTime.from(when));
    }
}
