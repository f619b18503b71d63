package io.cairn.core.decide;

import io.cairn.core.decide.Command.RemoveSandbox;
import io.cairn.core.decide.Command.RunSandbox;
import io.cairn.core.decide.Command.StopSandbox;
import io.cairn.core.decide.Rejection.Reason;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.SandboxKey;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.SandboxRemoveIntended;
import io.cairn.proto.journal.SandboxRunIntended;
import io.cairn.proto.journal.SandboxStopIntended;
import io.vavr.control.Either;

/** What may be done with a sandbox. */
final class SandboxDecisions {
    private SandboxDecisions() {}

    static Either<Rejection, Decision> decide(State state, Command.OfSandbox command) {
        return switch (command) {
            case RunSandbox c -> run(state, c);
            case StopSandbox c -> stop(state, c);
            case RemoveSandbox c -> remove(state, c);
        };
    }

    /** The same request sent again finds the sandbox it made; another request under the same name is refused. */
    private static Either<Rejection, Decision> run(State state, RunSandbox command) {
        SandboxKey key = SandboxKey.of(command.config().getMetadata());
        return state.sandbox(key).map(existing -> runAgain(existing, command)).getOrElse(() -> Either.right(Decision.append(
                command.newId(), Event.newBuilder().setDriver(command.driver()).setSandboxRunIntended(SandboxRunIntended.newBuilder()
                        .setSandboxId(command.newId()).setConfig(command.config()).setRuntimeHandler(command.runtimeHandler())))));
    }

    private static Either<Rejection, Decision> runAgain(Sandbox existing, RunSandbox command) {
        if (existing.pending().isDefined()) {
            return busy(existing);
        }
        boolean same = existing.config().equals(command.config()) && existing.runtimeHandler().equals(command.runtimeHandler());
        return existing.isReady() && same
                ? Either.right(Decision.alreadySo(existing.id()))
                : Either.left(Rejection.of(Reason.NAME_TAKEN, "pod sandbox %s exists as %s, %s; remove it or use another attempt",
                        existing.key(), existing.id(), existing.isReady() ? "with another configuration" : "not ready"));
    }

    private static Either<Rejection, Decision> stop(State state, StopSandbox command) {
        return state.sandbox(command.id()).filter(Sandbox::isReady).map(sandbox -> sandbox.pending().isDefined()
                ? SandboxDecisions.<Decision>busy(sandbox)
                : Either.<Rejection, Decision>right(Decision.append(sandbox.id(), draft(sandbox)
                        .setSandboxStopIntended(SandboxStopIntended.newBuilder().setSandboxId(sandbox.id())))))
                .getOrElse(() -> Either.right(Decision.alreadySo(command.id())));
    }

    private static Either<Rejection, Decision> remove(State state, RemoveSandbox command) {
        return state.sandbox(command.id()).map(sandbox -> sandbox.pending().isDefined()
                ? SandboxDecisions.<Decision>busy(sandbox)
                : Either.<Rejection, Decision>right(Decision.append(sandbox.id(), draft(sandbox)
                        .setSandboxRemoveIntended(SandboxRemoveIntended.newBuilder().setSandboxId(sandbox.id())))))
                .getOrElse(() -> Either.right(Decision.alreadySo(command.id())));
    }

    private static Event.Builder draft(Sandbox sandbox) {
        return Event.newBuilder().setDriver(sandbox.driver());
    }

    private static <T> Either<Rejection, T> busy(Sandbox sandbox) {
        return Either.left(Rejection.of(Reason.BUSY, "pod sandbox %s (%s) is busy with %s since event %d", sandbox.key(), sandbox.id(),
                sandbox.pending().get().kind(), sandbox.pending().get().intent()));
    }
}
