package io.cairn.driver.containerd.io;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that move all outputs. Platform threads, since a disk that hangs holds the thread that waits for it: the carriers of the
 * virtual threads serve the whole daemon. Thread-safe.
 */
final class Workers implements AutoCloseable {
    private static final int THREADS = 2;
    private static final String NAME = "cairn-output-";
    private static final long END_SECONDS_MAX = 10;

    private final BlockingQueue<Buffers> buffers = new ArrayBlockingQueue<>(THREADS);
    private final ScheduledThreadPoolExecutor threads;

    Workers() {
        var number = new AtomicInteger();
        ThreadFactory factory = task -> Thread.ofPlatform().daemon().name(NAME + number.incrementAndGet()).unstarted(task);
        threads = new ScheduledThreadPoolExecutor(THREADS, factory);
        // News may come while this is being closed, on the poller's thread, which must not fail for it.
        threads.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
        threads.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        for (int i = 0; i < THREADS; i++) {
            buffers.add(Buffers.allocate());
        }
    }

    /** Without effect once this is closed. */
    void execute(Runnable task) {
        later(task, 0);
    }

    void later(Runnable task, long millis) {
        threads.schedule(task, millis, TimeUnit.MILLISECONDS);
    }

    /** Something to do with buffers. */
    @FunctionalInterface
    interface Work<T> {
        T with(Buffers buffers) throws IOException;
    }

    /** On one of the threads only: there are as many buffers as threads. */
    <T> T borrow(Work<T> work) throws IOException {
        Buffers own = buffers.remove();
        try {
            return work.with(own);
        } finally {
            buffers.add(own);
        }
    }

    @Override
    public void close() {
        threads.shutdown();
        try {
            threads.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
