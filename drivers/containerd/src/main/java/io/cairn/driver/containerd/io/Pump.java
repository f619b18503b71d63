package io.cairn.driver.containerd.io;

import io.vavr.collection.Vector;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings one container's output from its FIFOs to its log and its clients. A worker does a piece of it at a time whenever there is
 * reason to ({@link #poke}); between the pieces nothing of it is held but the files. All fields but the queue belong to whichever
 * worker has the turn.
 */
final class Pump {
    private static final Logger LOG = LoggerFactory.getLogger(Pump.class);
    /** How long after the container's end silence is the end, where somebody else has its output still open. */
    private static final long SILENCE_NANOS = TimeUnit.MILLISECONDS.toNanos(500);
    /** How long after the container's end anything is taken in at all. */
    private static final long LAST_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final String containerId;
    private final Workers workers;
    private final Conduit conduit;
    private final Runnable whenFinished;
    private final AtomicInteger pokes = new AtomicInteger();
    private final ConcurrentLinkedQueue<Runnable> orders = new ConcurrentLinkedQueue<>();
    private final CompletableFuture<Void> finished = new CompletableFuture<>();
    private Vector<Client> clients = Vector.empty();
    private boolean troubled;
    private boolean closed;
    private boolean ending;
    private long endingNanos;
    private long movedNanos;
    private long alarmNanos = System.nanoTime();

    /** What is to be done in turn with the pump's own pieces of work. */
    @FunctionalInterface
    interface Order<T> {
        T carryOut() throws IOException;
    }

    /** @param whenFinished called once, on a worker's thread, after the last of the output is in the log */
    Pump(String containerId, Workers workers, Conduit.Maker conduit, Runnable whenFinished) throws IOException {
        this.containerId = containerId;
        this.workers = workers;
        this.whenFinished = whenFinished;
        this.conduit = conduit.make(this::poke);
    }

    /** To be awaited before the first output can come: a log that cannot be opened is known then. */
    CompletableFuture<Void> openLog() {
        return order(() -> {
            conduit.openLog();
            return null;
        });
    }

    /** There may be something to do. Never waits. */
    void poke() {
        if (pokes.getAndIncrement() == 0) {
            workers.execute(this::turn);
        }
    }

    private void turn() {
        int seen = pokes.get();
        try {
            for (Runnable order = orders.poll(); order != null; order = orders.poll()) {
                order.run();
            }
            if (!closed && !finished.isDone()) {
                work();
            }
        } finally {
            if (!pokes.compareAndSet(seen, 0)) {
                workers.execute(this::turn);
            }
        }
    }

    /** Has something done in its turn. */
    private <T> CompletableFuture<T> order(Order<T> order) {
        var answer = new CompletableFuture<T>();
        orders.add(() -> {
            try {
                answer.complete(order.carryOut());
            } catch (IOException | RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        poke();
        return answer;
    }

    private void work() {
        try {
            boolean moved = move();
            recovered();
            if (moved) {
                poke();
            } else if (isFinished()) {
                finish();
            } else {
                await();
            }
        } catch (IOException | RuntimeException e) {
            failed(e);
        }
    }

    /** The container waits, as soon as its FIFOs are full; nothing is lost. */
    private void failed(Exception e) {
        if (!troubled) {
            troubled = true;
            LOG.error("The output of container {} cannot be written: {}. Nothing of it is lost; the container waits once its FIFOs are full. "
                    + "This goes on by itself when it is possible again", containerId, e.getMessage(), e instanceof RuntimeException ? e : null);
        }
        // Whoever has stayed behind is given his time once it can be written: what was said before is still in the FIFOs.
        endingNanos = System.nanoTime();
        lookAgainIn(RETRY_NANOS);
    }

    private void recovered() {
        if (troubled) {
            troubled = false;
            LOG.info("The output of container {} is written again", containerId);
        }
    }

    /** @return whether anything has come into the log */
    private boolean move() throws IOException {
        if (ending && System.nanoTime() - endingNanos > LAST_NANOS_MAX) {
            conduit.shut();
        }
        clients = clients.reject(Client::isGone);
        Vector<Conduit.Piece> pieces = conduit.move(ending ? Integer.MAX_VALUE : Client.roomBytes(clients), Instant.now());
        for (Conduit.Piece piece : pieces) {
            movedNanos = System.nanoTime();
            clients.forEach(client -> client.give(piece.stream(), piece.bytes(), ending));
        }
        return !pieces.isEmpty();
    }

    private void await() throws IOException {
        if (!ending && Client.roomBytes(clients) == 0) {
            // Told when the client takes something; looked after in case he does not.
            lookAgainIn(RETRY_NANOS);
            return;
        }
        conduit.awaitNews();
        if (ending) {
            lookAgainIn(SILENCE_NANOS);
        }
    }

    /** One alarm at a time, however often this is called. */
    private void lookAgainIn(long nanos) {
        long now = System.nanoTime();
        if (alarmNanos - now <= 0) {
            alarmNanos = now + nanos;
            workers.later(this::poke, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
        }
    }

    private boolean isFinished() {
        boolean silent = System.nanoTime() - Math.max(movedNanos, endingNanos) >= SILENCE_NANOS;
        return ending && conduit.isEmpty() && (silent || conduit.isAtItsEnd());
    }

    private void finish() {
        clients.forEach(Client::end);
        conduit.close();
        whenFinished.run();
        finished.complete(null);
    }

    /** The container has ended: what it has said is brought to the log, and then this ends. */
    CompletableFuture<Void> end() {
        order(() -> {
            if (!ending) {
                ending = true;
                endingNanos = System.nanoTime();
                movedNanos = endingNanos;
            }
            return null;
        });
        return finished;
    }

    /** From then on the client gets what comes; one of a container that has ended is told so. */
    CompletableFuture<Void> attach(Client client) {
        return order(() -> {
            if (closed || finished.isDone()) {
                client.end();
            } else {
                clients = clients.append(client);
            }
            return null;
        });
    }

    /** Leaves everything as it is. */
    CompletableFuture<Void> close() {
        return order(() -> {
            if (!closed && !finished.isDone()) {
                conduit.close();
                clients.forEach(Client::end);
            }
            closed = true;
            return null;
        });
    }

    /** Brings what was written before to the log as it is, and goes on in the file at its path. */
    CompletableFuture<Void> reopenLog() {
        return order(() -> {
            if (!closed && !finished.isDone()) {
                drain();
                conduit.reopenLog();
            }
            return null;
        });
    }

    /** What was written before goes to where it would have gone; not when it cannot be written there, and then to the new file. */
    private void drain() {
        try {
            Vector<Long> horizons = conduit.horizons();
            while (!conduit.hasReached(horizons) && move()) {
                // Until then.
            }
        } catch (IOException e) {
            LOG.warn("What container {} has said before its log is reopened goes to the new one: {}", containerId, e.getMessage());
        }
    }
}
