package io.cairn.app;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;

/** The version this program was built as, and what it runs on. */
final class Version {
    private Version() {}

    static void print(PrintWriter out) throws IOException {
        out.printf("cairn %s%nJava %s, %s %s %s%n", number(), Runtime.version(), System.getProperty("os.name"), System.getProperty("os.version"),
                System.getProperty("os.arch"));
    }

    /** What the daemon reports and journals as its version. */
    static String number() throws IOException {
        try (InputStream in = Version.class.getResourceAsStream("version.txt")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
