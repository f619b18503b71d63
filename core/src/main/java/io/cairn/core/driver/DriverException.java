package io.cairn.core.driver;

import io.cairn.proto.journal.Failure;

/** A driver could not do what it was asked: what was tried, on what, what came back. The message is for operators and clients. */
public final class DriverException extends Exception {
    private static final long serialVersionUID = 1L;

    private final Failure.Kind kind;

    public DriverException(Failure.Kind kind, String message) {
        super(message);
        this.kind = kind;
    }

    public DriverException(Failure.Kind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = kind;
    }

    public Failure.Kind kind() {
        return kind;
    }
}
