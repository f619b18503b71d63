package io.cairn.core.decide;

import io.cairn.core.decide.Command.AttachToContainer;
import io.cairn.core.decide.Command.CheckpointContainer;
import io.cairn.core.decide.Command.CreateContainer;
import io.cairn.core.decide.Command.ExecInContainer;
import io.cairn.core.decide.Command.OpenExec;
import io.cairn.core.decide.Command.RemoveContainer;
import io.cairn.core.decide.Command.StartContainer;
import io.cairn.core.decide.Command.StopContainer;
import io.cairn.core.decide.Command.UpdateContainer;
import io.cairn.core.decide.Rejection.Reason;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.ContainerKey;
import io.cairn.core.domain.Limits;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.proto.journal.AttachBegun;
import io.cairn.proto.journal.ContainerCheckpointIntended;
import io.cairn.proto.journal.ContainerCreateIntended;
import io.cairn.proto.journal.ContainerRemoveIntended;
import io.cairn.proto.journal.ContainerStartIntended;
import io.cairn.proto.journal.ContainerStopIntended;
import io.cairn.proto.journal.ContainerUpdateIntended;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ExecIntended;
import io.vavr.control.Either;

/** What may be done with a container. */
final class ContainerDecisions {
    private ContainerDecisions() {}

    static Either<Rejection, Decision> decide(State state, Command.OfContainer command) {
        return switch (command) {
            case CreateContainer c -> create(state, c);
            case StartContainer c -> start(state, c);
            case StopContainer c -> stop(state, c);
            case RemoveContainer c -> remove(state, c);
            case UpdateContainer c -> update(state, c);
            case CheckpointContainer c -> checkpoint(state, c);
            case ExecInContainer c -> exec(state, c);
            case OpenExec c -> openExec(state, c);
            case AttachToContainer c -> attach(state, c);
        };
    }

    private static Either<Rejection, Decision> create(State state, CreateContainer command) {
        return sandboxFor(state, command.sandboxId()).flatMap(sandbox -> {
            ContainerKey key = ContainerKey.of(sandbox.id(), command.config().getMetadata());
            if (state.container(key).isDefined()) {
                return createAgain(state.container(key).get(), command);
            }
            if (state.images().get(command.imageId()).isEmpty()) {
                return Either.left(Rejection.of(Reason.NOT_FOUND, "image %s is not here: pull it first", command.imageId()));
            }
            return Either.right(Decision.append(command.newId(), draft(sandbox).setContainerCreateIntended(
                    ContainerCreateIntended.newBuilder().setContainerId(command.newId()).setSandboxId(sandbox.id())
                            .setConfig(command.config()).setImageId(command.imageId()).setStopSignal(command.stopSignal())
                            .setCheckpoint(command.checkpoint()))));
        });
    }

    /** The same request sent again finds the container it made, as long as that has not been started. */
    private static Either<Rejection, Decision> createAgain(Container existing, CreateContainer command) {
        if (existing.pending().isDefined()) {
            return busy(existing);
        }
        boolean same = existing.phase() == Container.Phase.CREATED && existing.config().equals(command.config());
        return same
                ? Either.right(Decision.alreadySo(existing.id()))
                : Either.left(Rejection.of(Reason.NAME_TAKEN, "container %s (attempt %d) exists in sandbox %s as %s, %s",
                        existing.key().name(), existing.key().attempt(), existing.sandboxId(), existing.id(), existing.phase()));
    }

    private static Either<Rejection, Decision> start(State state, StartContainer command) {
        return find(state, command.id()).flatMap(container -> sandboxFor(state, container.sandboxId()).flatMap(sandbox -> {
            if (container.pending().isDefined()) {
                return busy(container);
            }
            if (container.phase() != Container.Phase.CREATED) {
                return wrongState(container, "be started", Container.Phase.CREATED);
            }
            return Either.right(Decision.append(container.id(), draft(sandbox)
                    .setContainerStartIntended(ContainerStartIntended.newBuilder().setContainerId(container.id()))));
        }));
    }

    /**
     * A container that does not run, or is not known, is stopped already; one of which it is not known whether it runs is not. A second
     * stop may shorten the grace of the first.
     */
    private static Either<Rejection, Decision> stop(State state, StopContainer command) {
        return state.container(command.id()).filter(Container::mayHaveProcess).map(container -> isBusyOtherThanStopping(container)
                ? ContainerDecisions.<Decision>busy(container)
                : Either.<Rejection, Decision>right(Decision.append(container.id(), draft(state, container)
                        .setContainerStopIntended(ContainerStopIntended.newBuilder().setContainerId(container.id())
                                .setSignal(container.stopSignal()).setGraceMillis(command.graceMillis())))))
                .getOrElse(() -> Either.right(Decision.alreadySo(command.id())));
    }

    private static Either<Rejection, Decision> remove(State state, RemoveContainer command) {
        return state.container(command.id()).map(container ->
                isBusyOtherThanStopping(container)
                        ? ContainerDecisions.<Decision>busy(container)
                        : Either.<Rejection, Decision>right(Decision.append(container.id(), draft(state, container)
                                .setContainerRemoveIntended(ContainerRemoveIntended.newBuilder().setContainerId(container.id())))))
                .getOrElse(() -> Either.right(Decision.alreadySo(command.id())));
    }

    private static Either<Rejection, Decision> update(State state, UpdateContainer command) {
        return find(state, command.id()).flatMap(container -> {
            if (container.pending().isDefined()) {
                return busy(container);
            }
            if (container.phase() == Container.Phase.EXITED) {
                return wrongState(container, "be given other limits", Container.Phase.RUNNING);
            }
            return Either.right(Decision.append(container.id(), draft(state, container).setContainerUpdateIntended(
                    ContainerUpdateIntended.newBuilder().setContainerId(container.id())
                            .setResources(Limits.changed(container.resources(), command.changes())))));
        });
    }

    private static Either<Rejection, Decision> checkpoint(State state, CheckpointContainer command) {
        return find(state, command.id()).flatMap(container -> {
            if (container.pending().isDefined()) {
                return busy(container);
            }
            return container.isRunning()
                    ? Either.right(Decision.append(container.id(), draft(state, container).setContainerCheckpointIntended(
                            ContainerCheckpointIntended.newBuilder().setContainerId(container.id()).setLocation(command.location())
                                    .setTimeoutMillis(command.timeoutMillis()))))
                    : wrongState(container, "be written into an archive", Container.Phase.RUNNING);
        });
    }

    private static Either<Rejection, Decision> exec(State state, ExecInContainer command) {
        return find(state, command.containerId()).flatMap(container -> container.isRunning()
                ? Either.right(Decision.append(command.newId(), draft(state, container).setExecIntended(ExecIntended.newBuilder()
                        .setExecId(command.newId()).setContainerId(container.id()).addAllCommand(command.command())
                        .setTimeoutMillis(command.timeoutMillis()))))
                : wrongState(container, "run a command", Container.Phase.RUNNING));
    }

    private static Either<Rejection, Decision> openExec(State state, OpenExec command) {
        return find(state, command.containerId()).flatMap(container -> container.isRunning()
                ? Either.right(Decision.append(command.newId(), draft(state, container).setExecIntended(ExecIntended.newBuilder()
                        .setExecId(command.newId()).setContainerId(container.id()).addAllCommand(command.command())
                        .setStreaming(true).setTty(command.tty()).setStdin(command.stdin()))))
                : wrongState(container, "run a command", Container.Phase.RUNNING));
    }

    private static Either<Rejection, Decision> attach(State state, AttachToContainer command) {
        return find(state, command.containerId()).flatMap(container -> container.isRunning()
                ? Either.right(Decision.append(container.id(), draft(state, container).setAttachBegun(AttachBegun.newBuilder()
                        .setContainerId(container.id()).setStdin(command.stdin())
                        .setStdout(command.stdout()).setStderr(command.stderr()).setTty(command.tty()))))
                : wrongState(container, "be attached to", Container.Phase.RUNNING));
    }

    /** A stop under way keeps nobody from stopping sooner, or from removing. */
    private static boolean isBusyOtherThanStopping(Container container) {
        return container.pending().isDefined() && !container.isPending(Pending.Kind.CONTAINER_STOP);
    }

    private static Either<Rejection, Container> find(State state, String id) {
        return state.container(id).filter(Container::isVisible)
                .toEither(() -> Rejection.of(Reason.NOT_FOUND, "container %s is not known", id));
    }

    /** A sandbox that can take a container: ready, and not on its way out. */
    private static Either<Rejection, Sandbox> sandboxFor(State state, String id) {
        return state.sandbox(id).filter(Sandbox::isVisible)
                .toEither(() -> Rejection.of(Reason.NOT_FOUND, "pod sandbox %s is not known", id))
                .flatMap(sandbox -> sandbox.isReady() && sandbox.pending().isEmpty()
                        ? Either.right(sandbox)
                        : Either.left(Rejection.of(Reason.WRONG_STATE, "pod sandbox %s (%s) is %s", sandbox.key(), id,
                                sandbox.pending().map(p -> "busy with " + p.kind()).getOrElse("not ready"))));
    }

    private static Event.Builder draft(State state, Container container) {
        return draft(state.sandboxes().apply(container.sandboxId()));
    }

    private static Event.Builder draft(Sandbox sandbox) {
        return Event.newBuilder().setDriver(sandbox.driver());
    }

    private static <T> Either<Rejection, T> busy(Container container) {
        return Either.left(Rejection.of(Reason.BUSY, "container %s (%s) is busy with %s since event %d", container.key().name(),
                container.id(), container.pending().get().kind(), container.pending().get().intent()));
    }

    private static <T> Either<Rejection, T> wrongState(Container container, String what, Container.Phase needed) {
        return Either.left(Rejection.of(Reason.WRONG_STATE, "container %s (%s) cannot %s: it is %s, not %s", container.key().name(),
                container.id(), what, container.phase(), needed));
    }
}
