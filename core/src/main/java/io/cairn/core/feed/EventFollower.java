package io.cairn.core.feed;

import io.cairn.core.evolve.Moment;
import io.cairn.core.evolve.Step;
import io.cairn.core.recovery.Replay;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.journal.JournalRecord;
import io.vavr.control.Option;
import java.util.ArrayDeque;

/** Reads the events one after the other, with the states on both sides of each. Used by one thread. */
public final class EventFollower implements AutoCloseable {
    /** What has been handed on may still be on its way when a client goes away: its next stream begins so many events earlier. */
    private static final int ON_THE_WAY_MAX = 64;

    private final EventFeed feed;
    private final String client;
    private final JournalReader reader;
    private final ArrayDeque<Moment> passed = new ArrayDeque<>();
    private Moment place;

    EventFollower(EventFeed feed, String client, Moment begin, JournalReader reader) {
        this.feed = feed;
        this.client = client;
        this.reader = reader;
        this.place = begin;
        passed.add(begin);
    }

    /**
     * Waits for the next event; none when the feed is closed and all was read.
     *
     * @throws FeedBroken also when this follower was so slow that events were retired before it read them
     */
    public Option<Step> next() throws InterruptedException, FeedBroken {
        if (!feed.awaitAfter(place.sequence())) {
            return Option.none();
        }
        // What the reader sees before the feed says so need not be durable yet.
        Step step = Step.of(place.state(), Replay.parse(read()));
        place = new Moment(step.after(), step.event().getSequence());
        passed.add(place);
        if (passed.size() > ON_THE_WAY_MAX) {
            passed.remove();
        }
        return Option.some(step);
    }

    private JournalRecord read() throws FeedBroken {
        try {
            return reader.next().getOrElseThrow(() ->
                    new IllegalStateException("Expected event %d in the journal, but it is not there".formatted(place.sequence() + 1)));
        } catch (JournalException e) {
            throw new FeedBroken(e);
        }
    }

    @Override
    public void close() throws FeedBroken {
        feed.ended(client, passed.getFirst());
        try {
            reader.close();
        } catch (JournalException e) {
            throw new FeedBroken(e);
        }
    }
}
