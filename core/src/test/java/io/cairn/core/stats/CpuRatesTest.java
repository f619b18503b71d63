package io.cairn.core.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.vavr.collection.HashSet;
import org.junit.jupiter.api.Test;

class CpuRatesTest {
    private static final long SECOND = 1_000_000_000;

    private final CpuRates rates = new CpuRates();

    @Test
    void oneCountIsNoRate() {
        assertThat(rates.count("c", 5 * SECOND, 100)).isEmpty();
    }

    @Test
    void twoCountsAreARateByTheTimeBetweenThem() {
        rates.count("c", 5 * SECOND, 1 * SECOND);
        assertThat(rates.count("c", 9 * SECOND, 3 * SECOND)).contains(SECOND / 2);
    }

    @Test
    void countsThatLieTooCloseTogetherGiveTheLastRateAndDoNotShortenTheInterval() {
        rates.count("c", 0, 0);
        assertThat(rates.count("c", SECOND / 2, SECOND)).isEmpty();
        assertThat(rates.count("c", 2 * SECOND, 2 * SECOND)).contains(SECOND);
        assertThat(rates.count("c", 2 * SECOND + 1, 5 * SECOND)).contains(SECOND);
        assertThat(rates.count("c", 4 * SECOND, 6 * SECOND)).contains(2 * SECOND);
    }

    @Test
    void aCountThatGoesBackBeginsAnew() {
        rates.count("c", 0, 10 * SECOND);
        assertThat(rates.count("c", 2 * SECOND, SECOND)).isEmpty();
        assertThat(rates.count("c", 4 * SECOND, 2 * SECOND)).contains(SECOND / 2);
    }

    @Test
    void largeCountsDoNotOverflow() {
        rates.count("c", 0, 0);
        assertThat(rates.count("c", 10 * SECOND, Long.MAX_VALUE / 2).get()).isPositive();
    }

    @Test
    void nothingIsKeptOfWhatIsGone() {
        rates.count("a", 0, 0);
        rates.count("b", 0, 0);
        rates.keep(HashSet.of("b"));
        assertThat(rates.size()).isOne();
        assertThat(rates.count("a", 2 * SECOND, SECOND)).isEmpty();
    }
}
