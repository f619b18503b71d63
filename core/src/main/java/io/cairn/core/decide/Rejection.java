package io.cairn.core.decide;

/** Why a command is refused, in words for the caller. Nothing has changed. */
public record Rejection(Reason reason, String message) {
    /** The classes a caller can act on. */
    public enum Reason {
        INVALID,
        NOT_FOUND,
        NAME_TAKEN,
        WRONG_STATE,
        BUSY,
        NO_SPACE
    }

    public static Rejection of(Reason reason, String message, Object... arguments) {
        return new Rejection(reason, message.formatted(arguments));
    }
}
