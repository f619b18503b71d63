package io.cairn.core.engine;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** Where time comes from. Injected, so that a test can hold it still or set it back. */
public interface Clock {
    Clock SYSTEM = new Clock() {
        @Override
        public long wallNanos() {
            return ChronoUnit.NANOS.between(Instant.EPOCH, Instant.now());
        }

        @Override
        public long monotonicNanos() {
            return System.nanoTime();
        }
    };

    /** Nanoseconds since 1970-01-01 UTC. May go back. */
    long wallNanos();

    /** Nanoseconds since some moment of this boot. Never goes back. */
    long monotonicNanos();

    /** Waits for a signal on a condition of a lock that the caller holds, by this clock no longer than so long. May return early. */
    default void await(Lock held, Condition condition, long nanosMax) throws InterruptedException {
        condition.awaitNanos(nanosMax);
    }
}
