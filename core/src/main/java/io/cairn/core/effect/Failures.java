package io.cairn.core.effect;

import io.cairn.core.driver.DriverException;
import io.cairn.network.NetworkException;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** From what drivers and the network throw to what the journal keeps. */
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);
    /** An event has a largest size, and what is said comes from drivers, registries and plugins. */
    private static final int MESSAGE_CHARS_MAX = 16 << 10;

    private Failures() {}

    static Failure of(Exception thrown) {
        return switch (thrown) {
            case DriverException e -> failure(e.kind(), e.getMessage());
            case NetworkException e -> failure(kind(e.kind()), e.getMessage());
            default -> {
                // A fault of ours: the operator gets the trace, the client a sentence.
                LOG.error("An effect failed in a way it should not", thrown);
                yield failure(Failure.Kind.FAILED, "internal error: " + thrown);
            }
        };
    }

    static Failure failure(Failure.Kind kind, String message) {
        return Failure.newBuilder().setKind(kind).setMessage(bounded(Option.of(message).getOrElse("no reason was given"))).build();
    }

    private static String bounded(String message) {
        return message.length() <= MESSAGE_CHARS_MAX ? message : message.substring(0, MESSAGE_CHARS_MAX) + "…";
    }

    static Failure interrupted(String what) {
        return failure(Failure.Kind.INTERRUPTED_BY_CRASH, what);
    }

    private static Failure.Kind kind(NetworkException.Kind kind) {
        return switch (kind) {
            case INVALID_REQUEST -> Failure.Kind.INVALID;
            case NOT_CONFIGURED, PLUGIN_MISSING -> Failure.Kind.UNAVAILABLE;
            case PLUGIN_TIMED_OUT -> Failure.Kind.TIMED_OUT;
            case PLUGIN_FAILED, BAD_RESULT, SYSTEM, INTERRUPTED -> Failure.Kind.FAILED;
        };
    }
}
