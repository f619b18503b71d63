package io.cairn.images;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;

/**
 * Threads of the operating system for unpacking: it keeps a processor busy and waits for the disk inside system calls,
 * which would take the carriers of virtual threads away from everyone else. Thread-safe.
 */
final class Unpackers implements AutoCloseable {
    private final ExecutorService threads =
            Executors.newFixedThreadPool(ImageLimits.PARALLEL_UNPACKS, Thread.ofPlatform().daemon().name("layer-unpack-", 0).factory());

    @FunctionalInterface
    interface Work<T> {
        T run(BooleanSupplier stop) throws IOException;
    }

    /** Runs work and waits for its end. When this thread is interrupted, the work is told to stop, and its end waited for. */
    <T> T run(Work<T> work) throws IOException, InterruptedException {
        var stop = new AtomicBoolean();
        var result = new CompletableFuture<T>();
        threads.execute(() -> {
            try {
                result.complete(work.run(stop::get));
            } catch (Throwable e) {
                // Whatever it is: someone waits for the end.
                result.completeExceptionally(e);
            }
        });
        try {
            return get(result);
        } catch (InterruptedException e) {
            stop.set(true);
            result.handle((value, failure) -> value).join();
            throw e;
        }
    }

    private static <T> T get(CompletableFuture<T> result) throws IOException, InterruptedException {
        try {
            return result.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Throwable failure -> throw new IllegalStateException("Expected unpacking to end well or with an IOException", failure);
            }
        }
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
