package io.cairn.core.engine;

import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;

/** What keeps derived rows in step with the journal. Called by the engine's thread, after the sync. */
public interface Projector extends AutoCloseable {
    /**
     * @param before the state before the first of the events
     * @param head hash of the last event's frame
     */
    void apply(State before, Vector<Event> events, State after, byte[] head);

    @Override
    void close();
}
