package io.cairn.driver.containerd.io;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;

/** Logs read as a kubelet does, by their definition and not by the code that wrote them. */
record LogText(byte[] stdout, byte[] stderr, int lines) {
    private static final Pattern HEAD = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{9}Z (stdout|stderr) ([FP]) ");
    private static final int HEAD_CHARS = 40;

    /** @param files the oldest first, all of them whole */
    static LogText of(List<Path> files) throws IOException {
        return of(files, true);
    }

    /** Of one that is still written to: what comes after its last whole line is left out. */
    static LogText growing(Path file) throws IOException {
        return of(List.of(file), false);
    }

    private static LogText of(List<Path> files, boolean whole) throws IOException {
        var stdout = new ByteArrayOutputStream();
        var stderr = new ByteArrayOutputStream();
        int lines = 0;
        for (Path file : files) {
            byte[] log = Files.readAllBytes(file);
            int from = 0;
            for (int at = 0; at < log.length; at++) {
                if (log[at] == '\n') {
                    var head = HEAD.matcher(new String(log, from, Math.min(HEAD_CHARS, at - from), StandardCharsets.ISO_8859_1));
                    assertThat(head.matches()).as("line at %d of %s", from, file).isTrue();
                    var output = head.group(1).equals("stdout") ? stdout : stderr;
                    output.write(log, from + HEAD_CHARS, at - from - HEAD_CHARS);
                    if (head.group(2).equals("F")) {
                        output.write('\n');
                    }
                    from = at + 1;
                    lines++;
                }
            }
            assertThat(!whole || from == log.length).as("%s ends with a whole line", file).isTrue();
        }
        return new LogText(stdout.toByteArray(), stderr.toByteArray(), lines);
    }

    static LogText of(Path file) throws IOException {
        return of(List.of(file));
    }

    String out() {
        return new String(stdout, StandardCharsets.UTF_8);
    }

    String err() {
        return new String(stderr, StandardCharsets.UTF_8);
    }

    /** Says where they differ, and not all of both. */
    static void assertSame(byte[] actual, byte[] expected, String which) {
        int at = Arrays.mismatch(actual, expected);
        assertThat(at).as("%s: %d bytes of %d, the first that differs", which, actual.length, expected.length).isEqualTo(-1);
    }
}
