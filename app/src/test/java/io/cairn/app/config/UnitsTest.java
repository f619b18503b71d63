package io.cairn.app.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.control.Option;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({"0B,0", "1B,1", "2KiB,2048", "16MiB,16777216", "1GiB,1073741824", "8388607TiB,9223370937343148032"})
    void sizes_are_binary(String text, long bytes) {
        assertThat(Units.parseSize(text)).isEqualTo(Option.of(bytes));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "MiB", "1MB", "1mib", "-1B", "+1B", "1.5GiB", " 1B", "1 B", "1B ", "8388608TiB", "1B\n", "١B",
            "9999999999999999999B"})
    void other_sizes_are_refused(String text) {
        assertThat(Units.parseSize(text)).isEqualTo(Option.none());
    }

    @ParameterizedTest
    @CsvSource({"0s,0", "5ms,5", "5m,300000", "30s,30000", "1h30m,5400000", "7d,604800000", "1d1h1m1s1ms,90061001", "90m,5400000"})
    void durations_are_sums_of_units(String text, long millis) {
        assertThat(Units.parseDuration(text)).isEqualTo(Option.of(Duration.ofMillis(millis)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "1", "s", "1S", "-1s", "1.5s", "1s1m", "1m1m", "1 s", "1w", "1us", "9999999999s", "1s\n"})
    void other_durations_are_refused(String text) {
        assertThat(Units.parseDuration(text)).isEqualTo(Option.none());
    }

    @Test
    void what_is_written_is_read_as_the_same() {
        long seed = System.nanoTime();
        var random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            long bytes = random.nextLong(1_000_000_000_000_000_000L) >>> random.nextInt(60);
            long millis = random.nextLong(1L << 50) >>> random.nextInt(50);
            assertThat(Units.parseSize(Units.formatSize(bytes))).as("seed %d", seed).isEqualTo(Option.of(bytes));
            assertThat(Units.parseDuration(Units.formatDuration(Duration.ofMillis(millis)))).as("seed %d", seed)
                    .isEqualTo(Option.of(Duration.ofMillis(millis)));
        }
    }
}
