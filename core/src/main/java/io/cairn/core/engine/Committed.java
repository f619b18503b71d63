package io.cairn.core.engine;

import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;

/**
 * A command that was accepted, and is on stable storage.
 *
 * @param subject id of what the command is about
 * @param events what was appended; empty when things were already so
 * @param state as of the last event of the group this command was committed in
 */
public record Committed(String subject, Vector<Event> events, State state) {
    public boolean changedNothing() {
        return events.isEmpty();
    }

    /** Sequence of the intent, to be named as the cause of what follows; 0 when nothing was appended. */
    public long intent() {
        return events.headOption().map(Event::getSequence).getOrElse(0L);
    }
}
