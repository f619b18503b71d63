package io.cairn.core.sim;

import io.cairn.core.engine.Clock;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** Time that moves only when it is looked at or told to: a microsecond per look, and what is waited. Thread-safe. */
public class TestClock implements Clock {
    /** 2026-11-22 00:00:00 UTC. */
    public static final long START_NANOS = 1_795_305_600_000_000_000L;

    private final AtomicLong now = new AtomicLong(START_NANOS);
    private volatile long setOnNanos;

    @Override
    public long wallNanos() {
        return now.addAndGet(1_000) + setOnNanos;
    }

    @Override
    public long monotonicNanos() {
        return now.addAndGet(1_000) - START_NANOS;
    }

    @Override
    public void await(Lock held, Condition condition, long nanosMax) throws InterruptedException {
        now.addAndGet(nanosMax - Math.max(0, condition.awaitNanos(nanosMax)));
    }

    /** Without moving it. */
    long now() {
        return now.get();
    }

    /** Somebody sets the wall clock forward, or back; what is monotonic does not hear of it. */
    public void setWallClock(long byMillis) {
        setOnNanos += byMillis * 1_000_000;
    }

    /** Never back. */
    void advanceTo(long nanos) {
        now.accumulateAndGet(nanos, Math::max);
    }

    public void advanceMillis(long millis) {
        now.addAndGet(millis * 1_000_000);
    }
}
