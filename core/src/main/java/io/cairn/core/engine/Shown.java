package io.cairn.core.engine;

import io.cairn.core.domain.State;

/**
 * A state that callers are shown, and as of when it is.
 *
 * @param asOfNanos wall time, in nanoseconds since 1970, of the last event in the state; of the daemon's start when there was none since.
 *         No event that is missing in the state is stamped earlier, unless the clock was set back
 */
public record Shown(State state, long asOfNanos) {}
