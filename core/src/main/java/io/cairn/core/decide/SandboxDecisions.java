package io.cairn.core.decide;

import io.cairn.core.decide.Command.ForwardPorts;
import io.cairn.core.decide.Command.RemoveSandbox;
import io.cairn.core.decide.Command.RunSandbox;
import io.cairn.core.decide.Command.StopSandbox;
import io.cairn.core.decide.Command.UpdateSandbox;
import io.cairn.core.decide.Rejection.Reason;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.SandboxKey;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.PortForwardBegun;
import io.cairn.proto.journal.SandboxRemoveIntended;
import io.cairn.proto.journal.SandboxResourcesUpdated;
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
            case UpdateSandbox c -> update(state, c);
            case ForwardPorts c -> forward(state, c);
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

    /** One that is not ready by itself, and not by a stop, may still hold an address. */
    private static Either<Rejection, Decision> stop(State state, StopSandbox command) {
        return state.sandbox(command.id()).filter(s -> s.isVisible() && !s.released()).map(sandbox -> sandbox.pending().isDefined()
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

    /** One event says it all: the kubelet has changed the pod's cgroup already, and nothing is left to be tried. */
    private static Either<Rejection, Decision> update(State state, UpdateSandbox command) {
        return state.sandbox(command.id()).filter(Sandbox::isVisible)
                .toEither(() -> Rejection.of(Reason.NOT_FOUND, "pod sandbox %s is not known", command.id()))
                .flatMap(sandbox -> sandbox.pending().isDefined() ? busy(sandbox) : sandbox.isReady()
                        ? Either.right(Decision.append(sandbox.id(), draft(sandbox).setSandboxResourcesUpdated(SandboxResourcesUpdated.newBuilder()
                                .setSandboxId(sandbox.id()).setOverhead(command.overhead()).setResources(command.resources()))))
                        : Either.left(Rejection.of(Reason.WRONG_STATE, "pod sandbox %s (%s) is not ready", sandbox.key(), sandbox.id())));
    }

    private static Either<Rejection, Decision> forward(State state, ForwardPorts command) {
        return state.sandbox(command.id()).filter(Sandbox::isVisible)
                .toEither(() -> Rejection.of(Reason.NOT_FOUND, "pod sandbox %s is not known", command.id()))
                .flatMap(sandbox -> sandbox.isReady() && sandbox.pending().isEmpty()
                        ? Either.right(Decision.append(sandbox.id(), draft(sandbox).setPortForwardBegun(PortForwardBegun.newBuilder()
                                .setSandboxId(sandbox.id()).addAllPorts(command.ports()))))
                        : Either.left(Rejection.of(Reason.WRONG_STATE, "pod sandbox %s (%s) is %s: its ports cannot be reached",
                                sandbox.key(), sandbox.id(), sandbox.pending().map(p -> "busy with " + p.kind()).getOrElse("not ready"))));
    }

    private static Event.Builder draft(Sandbox sandbox) {
        return Event.newBuilder().setDriver(sandbox.driver());
    }

    private static <T> Either<Rejection, T> busy(Sandbox sandbox) {
        return Either.left(Rejection.of(Reason.BUSY, "pod sandbox %s (%s) is busy with %s since event %d", sandbox.key(), sandbox.id(),
                sandbox.pending().get().kind(), sandbox.pending().get().intent()));
    }
}
