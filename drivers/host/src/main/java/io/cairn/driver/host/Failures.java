package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import java.io.IOException;

/** Makes the exceptions of drivers; one place for their form. */
public final class Failures {
    private Failures() {}

    public static DriverException of(Failure.Kind kind, String format, Object... arguments) {
        return new DriverException(kind, format.formatted(arguments));
    }

    public static DriverException notFound(String format, Object... arguments) {
        return of(Failure.Kind.NOT_FOUND, format, arguments);
    }

    public static DriverException invalid(String format, Object... arguments) {
        return of(Failure.Kind.INVALID, format, arguments);
    }

    public static DriverException failed(String format, Object... arguments) {
        return of(Failure.Kind.FAILED, format, arguments);
    }

    /** The JDK's file exceptions say only the path in their message: their name says what was wrong with it. */
    public static DriverException io(String tried, IOException cause) {
        String reason = cause.getMessage() == null ? cause.getClass().getSimpleName()
                : cause instanceof java.nio.file.FileSystemException ? cause.getClass().getSimpleName() + " " + cause.getMessage()
                : cause.getMessage();
        boolean full = reason.contains("No space left") || reason.contains("ENOSPC");
        return new DriverException(full ? Failure.Kind.EXHAUSTED : Failure.Kind.FAILED, tried + ": " + reason, cause);
    }
}
