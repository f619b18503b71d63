package io.cairn.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs a program to its end. */
public final class Tool {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Tool() {}

    /** What a program said. */
    public record Output(List<String> command, int exitCode, String stdout, String stderr) {
        /** @throws IOException with what the program said, if it failed */
        public String orThrow() throws IOException {
            if (exitCode != 0) {
                throw new IOException("%s ended with %d: %s".formatted(String.join(" ", command), exitCode, (stderr + stdout).strip()));
            }
            return stdout;
        }
    }

    public static Output run(String... command) throws IOException, InterruptedException {
        return feed("", command);
    }

    /** Runs it with this on its standard input. */
    public static Output feed(String input, String... command) throws IOException, InterruptedException {
        // Files, not pipes: nobody has to read two streams at a time.
        Path dir = Files.createTempDirectory("cairn-tool-");
        Path in = Files.writeString(dir.resolve("in"), input);
        Path out = dir.resolve("out");
        Path err = dir.resolve("err");
        try {
            Process process = new ProcessBuilder(command).redirectInput(in.toFile()).redirectOutput(out.toFile()).redirectError(err.toFile()).start();
            try {
                if (!process.waitFor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
                    throw new IOException("%s has not ended within %s".formatted(String.join(" ", command), PATIENCE));
                }
            } finally {
                process.destroyForcibly();
            }
            return new Output(List.of(command), process.exitValue(), Files.readString(out, StandardCharsets.ISO_8859_1),
                    Files.readString(err, StandardCharsets.ISO_8859_1));
        } finally {
            for (Path file : List.of(in, out, err, dir)) {
                Files.deleteIfExists(file);
            }
        }
    }
}
