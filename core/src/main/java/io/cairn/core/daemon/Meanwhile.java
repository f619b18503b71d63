package io.cairn.core.daemon;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A part of the daemon that is opened on a thread of its own, while the start goes on. Whoever began it takes it or closes it, on one thread.
 *
 * @param <T> the part
 */
final class Meanwhile<T> implements AutoCloseable {
    private final FutureTask<T> opening;
    private final Closing<T> closing;

    /** Undoes the opening of a part. */
    @FunctionalInterface
    interface Closing<T> {
        void close(T part) throws Exception;
    }

    private Meanwhile(FutureTask<T> opening, Closing<T> closing) {
        this.opening = opening;
        this.closing = closing;
    }

    static <T> Meanwhile<T> begin(String thread, Callable<T> opening, Closing<T> closing) {
        var task = new FutureTask<>(opening);
        Thread.ofPlatform().daemon().name(thread).start(task);
        return new Meanwhile<>(task, closing);
    }

    /**
     * The part, as soon as it is open.
     *
     * @throws Exception why it could not be opened, as the opening threw it
     */
    T take() throws Exception {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return opening.get();
                } catch (InterruptedException e) {
                    // It goes on opening whatever is asked of this thread, and must not be left behind open.
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception failure ? failure : e;
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for it and closes it; one that could not be opened needs no closing. */
    @Override
    public void close() throws Exception {
        T part;
        try {
            part = take();
        } catch (Exception neverOpened) {
            return;
        }
        closing.close(part);
    }
}
