package io.cairn.core.daemon;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A part of the daemon that is opened on a thread of its own, while the start goes on. Whoever began it takes it and closes it, on one thread. An
 * interrupt does not make either of them leave before the opening has ended: what it opens would be left behind.
 *
 * @param <T> the part
 */
final class Meanwhile<T> implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Meanwhile.class);

    private final String thread;
    private final FutureTask<T> opening;
    private final Closing<T> closing;
    private boolean told;

    /** Undoes the opening of a part. */
    @FunctionalInterface
    interface Closing<T> {
        void close(T part) throws Exception;
    }

    private Meanwhile(String thread, FutureTask<T> opening, Closing<T> closing) {
        this.thread = thread;
        this.opening = opening;
        this.closing = closing;
    }

    static <T> Meanwhile<T> begin(String thread, Callable<T> opening, Closing<T> closing) {
        var task = new FutureTask<>(opening);
        Thread.ofPlatform().daemon().name(thread).start(task);
        return new Meanwhile<>(thread, task, closing);
    }

    /**
     * The part, as soon as it is open.
     *
     * @throws Exception why it could not be opened, as the opening threw it; an error is thrown likewise
     */
    T take() throws Exception {
        boolean interrupted = awaitOpening();
        try {
            return opening.get();
        } catch (ExecutionException e) {
            told = true;
            switch (e.getCause()) {
                case Exception failure -> throw failure;
                case Error defect -> throw defect;
                default -> throw e;
            }
        } finally {
            restore(interrupted);
        }
    }

    /** Waits for it and closes it. Why it could not be opened is told here if nobody has taken it: the start has failed of something else. */
    @Override
    public void close() throws Exception {
        boolean interrupted = awaitOpening();
        try {
            if (opening.state() == Future.State.SUCCESS) {
                closing.close(opening.resultNow());
            } else if (!told) {
                LOG.warn("{} has failed, too", thread, opening.exceptionNow());
            }
        } finally {
            restore(interrupted);
        }
    }

    /** @return whether this thread was interrupted meanwhile */
    private boolean awaitOpening() {
        boolean interrupted = Thread.interrupted();
        while (!opening.isDone()) {
            try {
                opening.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException failed) {
                break;
            }
        }
        return interrupted;
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
