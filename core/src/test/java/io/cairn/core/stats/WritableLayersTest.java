package io.cairn.core.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.driver.LayerUse;
import io.cairn.core.engine.Clock;
import io.cairn.core.sim.Eventually;
import io.vavr.collection.HashSet;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WritableLayersTest {
    private static final long SECOND = 1_000_000_000;

    private final AtomicLong now = new AtomicLong(100 * SECOND);
    private final AtomicInteger measurements = new AtomicInteger();
    private final AtomicLong tookNanos = new AtomicLong();
    private final Clock clock = new Clock() {
        @Override
        public long wallNanos() {
            return 7 + now.get();
        }

        @Override
        public long monotonicNanos() {
            return now.get();
        }
    };
    private final WritableLayers layers = new WritableLayers(this::measure, clock, Duration.ofSeconds(60));

    @AfterEach
    void end() {
        layers.close();
    }

    private LayerUse measure(String id) throws Exception {
        if (id.equals("broken")) {
            throw new IOException("no such snapshot");
        }
        now.addAndGet(tookNanos.get());
        return new LayerUse("/state", measurements.incrementAndGet(), 1);
    }

    private long bytes(String id) {
        return layers.latest(Vector.of(id)).apply(id).use().usedBytes();
    }

    @Test
    void theFirstResultIsWaitedForAndHasItsTime() {
        var first = layers.latest(Vector.of("c")).apply("c");
        assertThat(first.use()).isEqualTo(new LayerUse("/state", 1, 1));
        assertThat(first.wallNanos()).isEqualTo(7 + 100 * SECOND);
    }

    @Test
    void aFreshResultIsGivenAgainAndAnOldOneWhileItIsMeasuredAnew() {
        assertThat(bytes("c")).isOne();
        now.addAndGet(9 * SECOND);
        assertThat(bytes("c")).isOne();
        now.addAndGet(2 * SECOND);
        bytes("c");
        Eventually.holds("it is measured anew", () -> bytes("c") == 2);
        assertThat(measurements).hasValue(2);
    }

    @Test
    void whatTakesLongIsMeasuredSeldom() {
        tookNanos.set(3 * SECOND);
        assertThat(bytes("c")).isOne();
        now.addAndGet(50 * SECOND);
        assertThat(bytes("c")).isOne();
        assertThat(measurements).hasValue(1);
        now.addAndGet(10 * SECOND);
        bytes("c");
        Eventually.holds("it is measured anew", () -> bytes("c") == 2);
    }

    @Test
    void whatCannotBeMeasuredIsMissingAndHoldsUpNobody() {
        var latest = layers.latest(Vector.of("broken", "c"));
        assertThat(latest.keySet()).containsExactly("c");
    }

    @Test
    void aMeasurementThatHangsHoldsUpACallForAMomentOnlyAndIsNotBegunTwice() {
        var release = new CountDownLatch(1);
        var begun = new AtomicInteger();
        try (var hanging = new WritableLayers(id -> {
            begun.incrementAndGet();
            release.await();
            return new LayerUse("/state", 5, 1);
        }, clock, WritableLayers.FIRST_WAIT)) {
            assertThat(hanging.latest(Vector.of("c"))).isEmpty();
            assertThat(hanging.latest(Vector.of("c"))).isEmpty();
            release.countDown();
            Eventually.holds("it is there at last", () -> hanging.latest(Vector.of("c")).containsKey("c"));
            assertThat(begun).hasValue(1);
        }
    }

    @Test
    void nothingIsKeptOfWhatIsGone() {
        layers.latest(Vector.of("a", "b"));
        layers.keep(HashSet.of("b"));
        assertThat(layers.size()).isOne();
    }
}
