package io.cairn.driver.host.checkpoint;

import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What CRIU logs, as far as it says why something failed. */
public final class CriuLog {
    private static final int CHARS_MAX = 1000;
    /** It logs megabytes of a large container, and stops at its error. */
    private static final int TAIL_BYTES_MAX = 1 << 20;

    private CriuLog() {}

    /**
     * CRIU's own errors at the end of a log, which the OCI runtime does not tell; that it may not raise a limit of its own is none.
     *
     * @return continues a message; empty where there are none
     */
    public static String errors(Path log) {
        String text;
        try (var channel = FileChannel.open(log)) {
            channel.position(Math.max(0, channel.size() - TAIL_BYTES_MAX));
            text = new String(Channels.newInputStream(channel).readNBytes(TAIL_BYTES_MAX), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "";
        }
        String errors = text.lines().filter(line -> line.contains("Error (") && !line.contains("RLIMIT_NOFILE for self"))
                .map(line -> line.replaceAll("\\p{Cntrl}+", " ").strip())
                .reduce("", (all, line) -> all.length() > CHARS_MAX ? all : all + "; " + line);
        return errors.isEmpty() ? "" : "; CRIU says: " + errors.substring(2);
    }
}
