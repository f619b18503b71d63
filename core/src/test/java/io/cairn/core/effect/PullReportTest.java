package io.cairn.core.effect;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.cairn.core.metrics.Metrics;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class PullReportTest {
    private static final long MIB = 1 << 20;

    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
    private final Logger log = (Logger) LoggerFactory.getLogger(PullReport.class);
    private final AtomicLong now = new AtomicLong(-5);
    private final AtomicLong counted = new AtomicLong();
    private final StringBuilder ended = new StringBuilder();
    private PullReport report;

    @BeforeEach
    void begin() {
        lines.start();
        log.setLevel(Level.INFO);
        log.addAppender(lines);
        report = new PullReport("registry.example/app:1", new Metrics() {
            @Override
            public void callServed(String method, String status, long latencyNanos) {}

            @Override
            public void pullReceived(long bytes) {
                counted.addAndGet(bytes);
            }

            @Override
            public void pullEnded(String outcome, long durationNanos) {
                ended.append(outcome).append(' ').append(durationNanos);
            }

            @Override
            public void journalSynced(long latencyNanos) {}
        }, now::get);
    }

    @AfterEach
    void end() {
        log.detachAppender(lines);
        log.setLevel(null);
    }

    @Test
    void aLineComesEveryFewSecondsAndNotMoreOften() {
        for (int second = 1; second <= 12; second++) {
            now.addAndGet(TimeUnit.SECONDS.toNanos(1));
            for (int i = 0; i < 100; i++) {
                report.received(second * MIB + i, 40 * MIB);
            }
        }
        assertThat(lines.list).extracting(ILoggingEvent::getFormattedMessage).containsExactly(
                "Pulling registry.example/app:1: 5.0 MiB of 40.0 MiB", "Pulling registry.example/app:1: 10.0 MiB of 40.0 MiB");
    }

    @Test
    void bytesThatComeAgainAreCountedOnce() {
        report.received(100, 1000);
        report.received(0, 1000);
        report.received(150, 1000);
        assertThat(counted).hasValue(150);
        now.addAndGet(77);
        report.ended("ok");
        assertThat(ended).hasToString("ok 77");
    }
}
