package io.cairn.core.feed;

import io.cairn.core.engine.Clock;
import io.cairn.core.evolve.Moment;
import io.cairn.core.evolve.Step;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Lets clients follow the events of the journal, those that happened between two streams of a client included.
 *
 * <p>A stream begins
 * <ul>
 *   <li>for a client that had one in this life: where that ended, a little earlier rather than later;
 *   <li>for a client that comes soon after the start: with what was replayed and what recovery found, since it may have been cut off
 *       when the last life ended;
 *   <li>for any other client: now.
 * </ul>
 *
 * <p>What a client gets twice does no harm, what it does not get would. Nothing is kept for a slow one but its place. Thread-safe.
 */
public final class EventFeed implements Consumer<Step>, AutoCloseable {
    /** A client that was cut off by the end of the last life tries again within seconds. */
    private static final long SOON_NANOS = TimeUnit.MINUTES.toNanos(5);
    /** A node has one kubelet, and now and then an operator. */
    private static final int CLIENTS_MAX = 16;

    private final Path journal;
    private final Clock clock;
    private final long begunNanos;
    private final Map<String, Moment> places = new LinkedHashMap<>();
    private Option<Moment> recent;
    private Moment head;
    private boolean closed;

    /**
     * @param recent where a client begins that comes soon
     * @param head as of the last event before the first one that this feed is told of
     */
    public EventFeed(Path journal, Moment recent, Moment head, Clock clock) {
        this.journal = journal;
        this.recent = Option.some(recent);
        this.head = head;
        this.clock = clock;
        this.begunNanos = clock.monotonicNanos();
    }

    /** An event is durable and applied. Quick: called by the engine's thread. */
    @Override
    public synchronized void accept(Step step) {
        head = new Moment(step.after(), step.event().getSequence());
        notifyAll();
    }

    /** @param client what tells one client from another */
    public EventFollower follow(String client) throws FeedBroken {
        Moment begin = beginning(client);
        try {
            return new EventFollower(this, client, begin, JournalReader.open(journal, begin.sequence() + 1));
        } catch (JournalException e) {
            throw new FeedBroken(e);
        }
    }

    private synchronized Moment beginning(String client) {
        if (clock.monotonicNanos() - begunNanos > SOON_NANOS) {
            // The old state is let go of.
            recent = Option.none();
        }
        return Option.of(places.get(client)).orElse(recent).getOrElse(head);
    }

    /** Remembers where a client's next stream is to begin. */
    synchronized void ended(String client, Moment place) {
        places.remove(client);
        places.put(client, place);
        if (places.size() > CLIENTS_MAX) {
            places.remove(places.keySet().iterator().next());
        }
    }

    /** Waits for an event after this one; false when there will be none. */
    synchronized boolean awaitAfter(long sequence) throws InterruptedException {
        while (head.sequence() <= sequence && !closed) {
            wait();
        }
        return head.sequence() > sequence;
    }

    /** Lets followers come to the end, and end there. */
    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
