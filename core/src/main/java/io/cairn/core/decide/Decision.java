package io.cairn.core.decide;

import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;

/**
 * What a command leads to.
 *
 * @param subject id of the sandbox, container, exec, pull or image the command is about
 * @param drafts events to append, body only; empty when things are already as the command wants them
 */
public record Decision(String subject, Vector<Event> drafts) {
    static Decision append(String subject, Event.Builder draft) {
        return new Decision(subject, Vector.of(draft.build()));
    }

    static Decision alreadySo(String subject) {
        return new Decision(subject, Vector.empty());
    }

    /** True when the command changes nothing. */
    public boolean isAlreadySo() {
        return drafts.isEmpty();
    }
}
