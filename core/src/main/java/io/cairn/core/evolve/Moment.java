package io.cairn.core.evolve;

import io.cairn.core.domain.State;

/** The state as of an event. */
public record Moment(State state, long sequence) {}
