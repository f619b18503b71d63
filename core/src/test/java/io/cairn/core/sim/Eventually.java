package io.cairn.core.sim;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition, with a deadline far beyond what it takes. */
public final class Eventually {
    private static final long DEADLINE_SECONDS = 30;

    private Eventually() {}

    public static void holds(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DEADLINE_SECONDS);
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("Expected within " + DEADLINE_SECONDS + " s that " + what + ", but it is not so");
            }
            LockSupport.parkNanos(200_000);
        }
    }
}
