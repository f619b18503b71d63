package io.cairn.driver.docker.engine;

import java.io.IOException;

/** The engine has not answered, or not to the end. */
final class NoAnswer extends IOException {
    private static final long serialVersionUID = 1L;

    enum Why {
        /** Nothing was sent. */
        NOT_CONNECTED,
        TIME_IS_UP,
        /** Whether the engine has done it, nobody knows. */
        BROKEN
    }

    private final Why why;

    NoAnswer(Why why, String message, Throwable cause) {
        super(message, cause);
        this.why = why;
    }

    Why why() {
        return why;
    }
}
