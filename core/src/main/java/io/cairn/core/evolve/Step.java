package io.cairn.core.evolve;

import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;

/** One event, and the states on both sides of it. */
public record Step(State before, Event event, State after) {
    public static Step of(State before, Event event) {
        return new Step(before, event, Evolver.evolve(before, event));
    }
}
