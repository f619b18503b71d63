package io.cairn.core.domain;

/** The journal and the state disagree in a way that cannot be. The daemon stops rather than go on wrong. */
public final class InvariantViolation extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public InvariantViolation(String message) {
        super(message);
    }

    public static void require(boolean condition, String message, Object... arguments) {
        if (!condition) {
            throw new InvariantViolation(message.formatted(arguments));
        }
    }
}
