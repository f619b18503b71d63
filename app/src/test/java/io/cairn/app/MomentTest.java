package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MomentTest {
    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");

    @Test
    void a_moment_is_an_instant_or_an_age() throws Exception {
        assertThat(Moment.parse("--since", "2026-11-22T10:00:00Z", NOW)).isEqualTo(NOW.getEpochSecond() * 1_000_000_000L);
        assertThat(Moment.parse("--since", "30s", NOW)).isEqualTo((NOW.getEpochSecond() - 30) * 1_000_000_000L);
        assertThat(Moment.parse("--since", "5m", NOW)).isEqualTo((NOW.getEpochSecond() - 300) * 1_000_000_000L);
        assertThat(Moment.parse("--since", "2h", NOW)).isEqualTo((NOW.getEpochSecond() - 7_200) * 1_000_000_000L);
        assertThat(Moment.parse("--since", "1d", NOW)).isEqualTo((NOW.getEpochSecond() - 86_400) * 1_000_000_000L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"yesterday", "5", "-5m", "5 m", "999999999d", "2026-11-22", "+1000000000-01-01T00:00:00Z"})
    void what_is_neither_is_refused_with_an_example(String text) {
        assertThatThrownBy(() -> Moment.parse("--since", text, NOW)).isInstanceOf(CommandFailure.class)
                .hasMessageContaining("--since").hasMessageContaining("5m").hasMessageContaining(text);
    }
}
