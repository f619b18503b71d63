package io.cairn.driver.host.checkpoint;

import io.cairn.driver.host.FileTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What CRIU logs, as far as it says why something failed. */
public final class CriuLog {
    private static final int CHARS_MAX = 1000;

    private CriuLog() {}

    /**
     * CRIU's own errors, which the OCI runtime does not tell; that it may not raise a limit of its own is none.
     *
     * @return continues a message; empty where there are none
     */
    public static String errors(Path log) {
        String text;
        try {
            text = FileTrees.read(log).map(bytes -> new String(bytes, StandardCharsets.UTF_8)).getOrElse("");
        } catch (IOException e) {
            return "";
        }
        String errors = text.lines().filter(line -> line.contains("Error (") && !line.contains("RLIMIT_NOFILE for self"))
                .map(line -> line.replaceAll("\\p{Cntrl}+", " ").strip())
                .reduce("", (all, line) -> all.length() > CHARS_MAX ? all : all + "; " + line);
        return errors.isEmpty() ? "" : "; CRIU says: " + errors.substring(2);
    }
}
