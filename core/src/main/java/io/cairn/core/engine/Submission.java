package io.cairn.core.engine;

import io.cairn.core.decide.Command;
import io.cairn.core.decide.Rejection;
import io.vavr.control.Either;
import java.util.concurrent.CompletableFuture;

/** A command on its way through the engine, with the caller waiting at {@code answer}. */
record Submission(Command command, Origin origin, CompletableFuture<Either<Rejection, Committed>> answer) {
    /** Intents may be refused when the disk is full; what has happened already must be recorded and waits for space. */
    boolean mayBeRefused() {
        return switch (command) {
            case Command.OfSandbox c -> true;
            case Command.OfContainer c -> true;
            case Command.OfImage c -> true;
            case Command.UpdateRuntimeConfig c -> true;
            case Command.Conclude c -> false;
            // The next look tells it again, and who looks must not wait.
            case Command.Observe c -> c.draft().hasNetworkReadyChanged();
            case Command.Note c -> false;
        };
    }
}
