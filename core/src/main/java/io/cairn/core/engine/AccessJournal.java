package io.cairn.core.engine;

import io.cairn.core.evolve.Evolver;
import io.cairn.journal.JournalDamaged;
import io.cairn.journal.JournalFailure;
import io.cairn.journal.JournalFull;
import io.cairn.journal.JournalOptions;
import io.cairn.proto.journal.CallServed;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Peer;
import io.vavr.collection.Vector;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records every call that was served, appended without waiting for the disk and bounded in size. Neither replay nor a caller
 * pays for it: what a crash takes from its end is missed by nobody, since calls that changed something are in the event journal.
 *
 * <p>{@link #served} may be called from any thread.
 */
public final class AccessJournal implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(AccessJournal.class);
    private static final int QUEUE_MAX = 4096;
    private static final int GROUP_MAX = 512;

    private final JournalLog log;
    private final Clock clock;
    private final BlockingQueue<Event> queue = new ArrayBlockingQueue<>(QUEUE_MAX);
    private final Event farewell = Event.getDefaultInstance();
    private final Thread thread;
    private boolean full;

    public AccessJournal(Path directory, JournalOptions options, Clock clock, String bootId, String version)
            throws JournalDamaged, JournalFull, JournalFailure {
        this.log = JournalLog.open(directory, options, clock, bootId, version);
        this.clock = clock;
        this.thread = Thread.ofPlatform().name("cairn-access").start(this::run);
    }

    /** Waits only when thousands of calls are served faster than they can be appended. */
    public void served(CallServed call, String correlationId, Peer peer) {
        try {
            queue.put(Event.newBuilder().setVersion(Evolver.VERSION).setWallTimeNanos(clock.wallNanos())
                    .setMonotonicNanos(clock.monotonicNanos()).setCorrelationId(correlationId).setPeer(peer).setCallServed(call).build());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() throws InterruptedException {
        queue.put(farewell);
        thread.join();
    }

    private void run() {
        try {
            var group = new ArrayList<Event>();
            boolean closing = false;
            while (!closing) {
                group.clear();
                group.add(queue.take());
                queue.drainTo(group, GROUP_MAX);
                closing = group.removeIf(e -> e == farewell);
                group.forEach(this::append);
            }
            log.close();
        } catch (InterruptedException | RuntimeException e) {
            LOG.error("The access journal ends here; pods are not affected: {}", e.getMessage(), e);
            drain();
        }
    }

    /** Callers must not wait on a queue nobody empties. */
    private void drain() {
        try {
            while (queue.take() != farewell) {
                // Dropped: there is nowhere to write it.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void append(Event draft) {
        try {
            log.prepare(Vector.of(draft));
            log.append(Vector.of(draft.toBuilder().setSequence(log.nextSequence()).setEpoch(log.epoch()).build()), false);
            full = false;
        } catch (EventLog.LogFull e) {
            if (!full) {
                LOG.warn("Calls are not recorded in the access journal until there is space: {}", e.getMessage());
            }
            full = true;
        }
    }
}
