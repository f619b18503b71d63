package io.cairn.core.effect;

import io.cairn.core.driver.PullObserver;
import io.cairn.core.metrics.Metrics;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells in the log and in the metrics how one pull goes on: a line every few seconds, so that a short pull has none. Thread-safe. */
final class PullReport implements PullObserver {
    static final long LINE_EVERY_NANOS = TimeUnit.SECONDS.toNanos(5);
    private static final Logger LOG = LoggerFactory.getLogger(PullReport.class);
    private static final double MIB = 1 << 20;

    private final String reference;
    private final Metrics metrics;
    private final LongSupplier nanos;
    private final long begunNanos;
    private long lastLineNanos;
    private long mostReceivedBytes;

    /** @param nanos a clock that never goes back */
    PullReport(String reference, Metrics metrics, LongSupplier nanos) {
        this.reference = reference;
        this.metrics = metrics;
        this.nanos = nanos;
        this.begunNanos = nanos.getAsLong();
        this.lastLineNanos = begunNanos;
    }

    @Override
    public synchronized void received(long receivedBytes, long totalBytes) {
        // What is downloaded a second time is not counted twice: the counter says what the node has of it.
        if (receivedBytes > mostReceivedBytes) {
            metrics.pullReceived(receivedBytes - mostReceivedBytes);
            mostReceivedBytes = receivedBytes;
        }
        long now = nanos.getAsLong();
        if (now - lastLineNanos >= LINE_EVERY_NANOS) {
            lastLineNanos = now;
            LOG.info("Pulling {}: {} MiB of {} MiB", reference, mebibytes(receivedBytes), mebibytes(totalBytes));
        }
    }

    void ended(String outcome) {
        metrics.pullEnded(outcome, nanos.getAsLong() - begunNanos);
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.1f", bytes / MIB);
    }
}
