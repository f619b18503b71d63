package io.cairn.driver.docker.engine;

import java.time.Duration;

/**
 * How long a call may take.
 *
 * @param time zero for ever
 * @param renews with each byte that goes to or fro
 */
record TimeLimit(Duration time, boolean renews) {
    static final TimeLimit NONE = new TimeLimit(Duration.ZERO, false);

    static TimeLimit of(Duration time) {
        return new TimeLimit(time, false);
    }

    /** While nothing moves. */
    static TimeLimit stalled(Duration time) {
        return new TimeLimit(time, true);
    }
}
