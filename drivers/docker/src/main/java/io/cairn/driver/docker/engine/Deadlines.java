package io.cairn.driver.docker.engine;

import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs what is to be done when time is up: a socket's channel has no time limit of its own. Thread-safe. */
final class Deadlines implements AutoCloseable {
    private final ScheduledThreadPoolExecutor clock;

    Deadlines() {
        clock = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name("docker-deadlines").factory());
        clock.setRemoveOnCancelPolicy(true);
    }

    ScheduledFuture<?> after(Duration time, Runnable action) {
        return clock.schedule(action, time.toNanos(), TimeUnit.NANOSECONDS);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
