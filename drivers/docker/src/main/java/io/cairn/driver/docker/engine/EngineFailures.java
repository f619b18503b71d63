package io.cairn.driver.docker.engine;

import com.github.dockerjava.api.exception.DockerException;
import io.cairn.core.driver.DriverException;
import io.cairn.images.registry.Json;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Why calls fail, as operators and clients are told.
 *
 * @param socket the engine's
 */
record EngineFailures(Path socket, Duration callTimeout) {
    private static final int SAID_CHARACTERS_MAX = 4096;

    /** @param tried continues "Cannot …" */
    DriverException of(String tried, Exception cause) {
        for (Throwable why = cause; why != null; why = why.getCause()) {
            if (why instanceof NoAnswer none) {
                return noAnswer(tried, none, cause);
            }
            if (why instanceof DockerException refused) {
                return refused(tried, refused.getHttpStatus(), said(refused), Option.some(cause));
            }
        }
        return new DriverException(Failure.Kind.FAILED, "Cannot %s: the answer of docker at %s is not understood: %s"
                .formatted(tried, socket, cause.getMessage()), cause);
    }

    private DriverException noAnswer(String tried, NoAnswer none, Exception cause) {
        return switch (none.why()) {
            case NOT_CONNECTED -> new DriverException(Failure.Kind.UNAVAILABLE, "Cannot %s: docker at %s does not answer: %s: is it running?"
                    .formatted(tried, socket, none.getMessage()), cause);
            case TIME_IS_UP -> new DriverException(Failure.Kind.TIMED_OUT, "Cannot %s: docker at %s has not answered within %d s"
                    .formatted(tried, socket, callTimeout.toSeconds()), cause);
            case BROKEN -> new DriverException(Failure.Kind.UNAVAILABLE, "Cannot %s: docker at %s has not answered: %s"
                    .formatted(tried, socket, none.getMessage()), cause);
        };
    }

    /** @param status of HTTP */
    DriverException refused(String tried, int status, String said, Option<Exception> cause) {
        String message = "Cannot %s: docker at %s says: %s".formatted(tried, socket, said);
        return cause.map(c -> new DriverException(kind(status, said), message, c))
                .getOrElse(() -> new DriverException(kind(status, said), message));
    }

    /** The engine puts its words into {@code {"message": …}}, and docker-java the status before it. */
    private static String said(DockerException refused) {
        String body = Option.of(refused.getMessage()).getOrElse("").replaceFirst("^Status [0-9]+: ", "");
        String text;
        try {
            text = Json.read(body.getBytes(StandardCharsets.UTF_8)).path("message").asText("").strip();
        } catch (IOException e) {
            text = body.strip();
        }
        String shown = text.length() > SAID_CHARACTERS_MAX ? text.substring(0, SAID_CHARACTERS_MAX) + "…" : text;
        return shown.isEmpty() ? "nothing more than status " + refused.getHttpStatus() : shown;
    }

    private static Failure.Kind kind(int status, String said) {
        return switch (status) {
            case 400 -> Failure.Kind.INVALID;
            case 401, 403 -> Failure.Kind.DENIED;
            case 404 -> Failure.Kind.NOT_FOUND;
            case 501 -> Failure.Kind.UNSUPPORTED;
            case 502, 503 -> Failure.Kind.UNAVAILABLE;
            default -> kind(said.toLowerCase(Locale.ROOT));
        };
    }

    /** What comes from below the engine has no code of its own: not even the end of a deadline there. */
    private static Failure.Kind kind(String said) {
        if (said.contains("no space left on device")) {
            return Failure.Kind.EXHAUSTED;
        }
        return said.contains("context deadline exceeded") ? Failure.Kind.TIMED_OUT : Failure.Kind.FAILED;
    }
}
