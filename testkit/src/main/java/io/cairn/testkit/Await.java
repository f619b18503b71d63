package io.cairn.testkit;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Waits for conditions outside this process, where there is nothing to be notified by. */
public final class Await {
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Await() {}

    /** @throws AssertionError naming {@code what} when it has not come true within {@code patience} */
    public static void until(String what, Duration patience, Callable<Boolean> condition) throws Exception {
        if (!within(patience, PAUSE_NANOS, condition)) {
            throw new AssertionError("Expected within %s: %s".formatted(patience, what));
        }
    }

    /** Looks without a pause: for a moment that is over soon. */
    public static boolean closely(Duration patience, Callable<Boolean> condition) throws Exception {
        return within(patience, 1, condition);
    }

    static boolean within(Duration patience, long pauseNanos, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - deadline >= 0) {
                return false;
            }
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            LockSupport.parkNanos(pauseNanos);
        }
        return true;
    }
}
