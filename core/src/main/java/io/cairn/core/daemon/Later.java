package io.cairn.core.daemon;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Runs each task a fixed while after it was given, one at a time, and none after it was closed. Thread-safe. */
final class Later implements Executor, AutoCloseable {
    private final Duration delay;
    private final ScheduledThreadPoolExecutor thread;

    Later(String name, Duration delay) {
        this.delay = delay;
        this.thread = new ScheduledThreadPoolExecutor(1, Thread.ofPlatform().daemon().name(name).factory(),
                new ThreadPoolExecutor.DiscardPolicy());
    }

    @Override
    public void execute(Runnable task) {
        thread.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Drops what is not due and waits for what runs. */
    @Override
    public void close() throws InterruptedException {
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        thread.shutdown();
        thread.awaitTermination(1, TimeUnit.MINUTES);
    }
}
