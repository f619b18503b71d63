package io.cairn.core.sim;

import io.cairn.core.engine.Clock;
import java.util.concurrent.atomic.AtomicLong;

/** Time that moves only when it is looked at or told to: a microsecond per look. Thread-safe. */
public final class TestClock implements Clock {
    /** 2026-11-22 00:00:00 UTC. */
    public static final long START_NANOS = 1_795_305_600_000_000_000L;

    private final AtomicLong now = new AtomicLong(START_NANOS);

    @Override
    public long wallNanos() {
        return now.addAndGet(1_000);
    }

    @Override
    public long monotonicNanos() {
        return now.addAndGet(1_000) - START_NANOS;
    }

    public void advanceMillis(long millis) {
        now.addAndGet(millis * 1_000_000);
    }
}
