package io.cairn.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.Seq;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever bytes a file holds: a configuration or problems of one line each that lie inside the file, never an exception. */
class ConfigFuzzTest {
    private static final int ROUNDS = 1000;
    private static final String[] TOKENS = {"[", "]", "[[", "]]", "{", "}", "=", ".", ",", "\"", "'", "\"\"\"", "\n", "\\u0000", "#", "\t",
            "1e999", "0x", "nan", "-inf", "2026-01-01T00:00:00Z", "true", "99999999999999999999", "\u202e", "\ud83d\ude00", "\0", "\r",
            "\"9999999TiB\"", "\"1h1h\"", "\"/../..\"", "[runtime_handlers.", "runtime_handlers.x.driver", "state_dir", "log_level"};

    @TempDir
    private Path dir;

    @Test
    void no_mutation_of_a_configuration_throws() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] model = LoadedConfig.defaults().replaceAll("(?m)^# (\\[|[a-z_]+ = )", "$1").replace(Key.ANY, "kata")
                .getBytes(StandardCharsets.UTF_8);
        int accepted = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = model;
            for (int i = random.nextInt(4); i >= 0; i--) {
                bytes = mutated(bytes, random);
            }
            accepted += outcome(bytes, seed, round) ? 1 : 0;
        }
        assertThat(accepted).as("seed %d: some mutations are harmless, most are not", seed).isBetween(1, ROUNDS / 2);
    }

    @Test
    void deep_nesting_is_refused_before_it_exhausts_the_stack() throws IOException {
        for (String text : new String[] {"state_dir = " + "[".repeat(100_000), "state_dir = " + "{a=".repeat(40_000),
                "a" + ".a".repeat(40_000) + " = 1", "[" + "a.".repeat(40_000) + "a]"}) {
            assertThat(outcome(text.getBytes(StandardCharsets.UTF_8), 0, 0)).isFalse();
        }
    }

    /** @return whether the bytes are a valid configuration */
    private boolean outcome(byte[] bytes, long seed, int round) throws IOException {
        Path file = Files.write(dir.resolve("config.toml"), bytes);
        Either<Seq<ConfigProblem>, LoadedConfig> result;
        try {
            result = ConfigLoader.load(Option.of(file));
        } catch (RuntimeException | StackOverflowError e) {
            throw new AssertionError("seed " + seed + ", round " + round, e);
        }
        if (result.isLeft()) {
            int lines = 1 + (int) new String(bytes, StandardCharsets.UTF_8).chars().filter(c -> c == '\n').count();
            assertThat(result.getLeft()).as("seed %d, round %d", seed, round).isNotEmpty().allSatisfy(problem -> {
                assertThat(problem.line()).isBetween(0, lines);
                assertThat(problem.toString()).doesNotContainPattern("\\p{Cntrl}").hasSizeLessThan(2000);
            });
        }
        return result.isRight();
    }

    private static byte[] mutated(byte[] bytes, Random random) {
        int at = random.nextInt(bytes.length + 1);
        int length = random.nextInt(Math.min(40, bytes.length - at + 1));
        byte[] insert = switch (random.nextInt(4)) {
            case 0 -> new byte[0];
            case 1 -> new byte[] {(byte) random.nextInt(256)};
            case 2 -> TOKENS[random.nextInt(TOKENS.length)].getBytes(StandardCharsets.UTF_8);
            default -> {
                int from = random.nextInt(bytes.length + 1);
                yield java.util.Arrays.copyOfRange(bytes, from, Math.min(bytes.length, from + random.nextInt(60)));
            }
        };
        byte[] out = new byte[bytes.length - length + insert.length];
        System.arraycopy(bytes, 0, out, 0, at);
        System.arraycopy(insert, 0, out, at, insert.length);
        System.arraycopy(bytes, at + length, out, at + insert.length, bytes.length - at - length);
        return out;
    }
}
