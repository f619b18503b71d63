package io.cairn.network;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition, not for a time. */
final class Await {
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    private Await() {}

    static void until(String what, Callable<Boolean> condition) throws Exception {
        long start = System.nanoTime();
        while (!condition.call()) {
            if (System.nanoTime() - start > DEADLINE.toNanos()) {
                throw new AssertionError("Still not so after %s: %s".formatted(DEADLINE, what));
            }
            LockSupport.parkNanos(5_000_000);
        }
    }
}
