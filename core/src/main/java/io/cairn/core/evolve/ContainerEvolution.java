package io.cairn.core.evolve;

import static io.cairn.core.domain.InvariantViolation.require;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Container.Phase;
import io.cairn.core.domain.Exec;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.State;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.journal.ContainerCheckpointFailed;
import io.cairn.proto.journal.ContainerCheckpointIntended;
import io.cairn.proto.journal.ContainerCheckpointed;
import io.cairn.proto.journal.ContainerCreateFailed;
import io.cairn.proto.journal.ContainerCreateIntended;
import io.cairn.proto.journal.ContainerCreated;
import io.cairn.proto.journal.ContainerExited;
import io.cairn.proto.journal.ContainerRemoveFailed;
import io.cairn.proto.journal.ContainerRemoveIntended;
import io.cairn.proto.journal.ContainerRemoved;
import io.cairn.proto.journal.ContainerStartFailed;
import io.cairn.proto.journal.ContainerStartIntended;
import io.cairn.proto.journal.ContainerStarted;
import io.cairn.proto.journal.ContainerStopFinished;
import io.cairn.proto.journal.ContainerStopIntended;
import io.cairn.proto.journal.ContainerUpdateFailed;
import io.cairn.proto.journal.ContainerUpdateIntended;
import io.cairn.proto.journal.ContainerUpdated;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ExecIntended;
import io.vavr.control.Option;

/** One small method for each event of a container's life; the diagram is at {@link Container}. */
final class ContainerEvolution {
    private ContainerEvolution() {}

    static State apply(State state, Event event, ContainerCreateIntended body) {
        require(state.container(body.getContainerId()).isEmpty(), "Event %d makes container %s a second time", event.getSequence(),
                body.getContainerId());
        require(state.sandbox(body.getSandboxId()).isDefined(), "Event %d makes container %s in sandbox %s, which is not known",
                event.getSequence(), body.getContainerId(), body.getSandboxId());
        return state.with(new Container(body.getContainerId(), body.getSandboxId(), body.getConfig(), body.getImageId(),
                body.getStopSignal(), Phase.CREATING, event.getWallTimeNanos(), 0, 0, ContainerUser.getDefaultInstance(), Option.none(),
                Option.none(), pending(event, Pending.Kind.CONTAINER_CREATE), 0, body.getConfig().getLinux().getResources(), Option.none(),
                body.getCheckpoint()));
    }

    static State apply(State state, ContainerCreated body) {
        return state.with(concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_CREATE).withUser(body.getUser())
                .with(Phase.CREATED));
    }

    static State apply(State state, Event event, ContainerCreateFailed body) {
        Container container = concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_CREATE);
        return body.hasLeftBehind() ? state.with(container.withFailure(body.getCause(), event.getWallTimeNanos())) : state.withoutContainer(container.id());
    }

    static State apply(State state, Event event, ContainerStartIntended body) {
        Container container = idle(state, body.getContainerId());
        require(container.phase() == Phase.CREATED, "Container %s is to be started, but is %s", container.id(), container.phase());
        return state.with(container.with(pending(event, Pending.Kind.CONTAINER_START)));
    }

    /** The program may have ended before its start was recorded: then this only adds when and as which process it ran. */
    static State apply(State state, ContainerStarted body) {
        Container container = concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_START)
                .withProcess(body.getPid(), body.getStartedAtNanos());
        return state.with(container.exit().isDefined() ? container : container.with(Phase.RUNNING));
    }

    static State apply(State state, Event event, ContainerStartFailed body) {
        return state.with(concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_START)
                .withFailure(body.getCause(), event.getWallTimeNanos()));
    }

    /** A stop may follow another one that still waits out its grace: the later intent takes its place. */
    static State apply(State state, Event event, ContainerStopIntended body) {
        Container container = known(state, body.getContainerId());
        require(container.pending().forAll(p -> p.kind() == Pending.Kind.CONTAINER_STOP), "Container %s is to be stopped while %s is open",
                container.id(), container.pending());
        return state.with(container.with(pending(event, Pending.Kind.CONTAINER_STOP))
                .withStopDeadline(event.getWallTimeNanos() / 1_000_000 + body.getGraceMillis()));
    }

    /** The intent is closed only if it still is the open one: a removal may have taken over. */
    static State apply(State state, ContainerStopFinished body) {
        Container container = known(state, body.getContainerId());
        return container.isPending(Pending.Kind.CONTAINER_STOP) ? state.with(container.with(Option.<Pending>none())) : state;
    }

    static State apply(State state, Event event, ContainerRemoveIntended body) {
        Container container = known(state, body.getContainerId());
        require(container.pending().forAll(p -> p.kind() == Pending.Kind.CONTAINER_STOP), "Container %s is to be removed while %s is open",
                container.id(), container.pending());
        return state.with(container.with(pending(event, Pending.Kind.CONTAINER_REMOVE)));
    }

    static State apply(State state, ContainerRemoved body) {
        return state.withoutContainer(concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_REMOVE).id());
    }

    static State apply(State state, ContainerRemoveFailed body) {
        return state.with(concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_REMOVE));
    }

    static State apply(State state, ContainerExited body) {
        Container container = known(state, body.getContainerId());
        require(container.exit().isEmpty(), "Container %s exits a second time", container.id());
        return state.with(container.withExit(body));
    }

    static State apply(State state, Event event, ContainerUpdateIntended body) {
        return state.with(idle(state, body.getContainerId()).with(pending(event, Pending.Kind.CONTAINER_UPDATE)).withAsked(body.getResources()));
    }

    static State apply(State state, ContainerUpdated body) {
        Container container = concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_UPDATE);
        return state.with(container.withResources(container.resourcesAsked().get()));
    }

    static State apply(State state, ContainerUpdateFailed body) {
        Container container = concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_UPDATE);
        return state.with(container.withResources(container.resources()));
    }

    static State apply(State state, Event event, ContainerCheckpointIntended body) {
        return state.with(idle(state, body.getContainerId()).with(pending(event, Pending.Kind.CONTAINER_CHECKPOINT)));
    }

    static State apply(State state, ContainerCheckpointed body) {
        return state.with(concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_CHECKPOINT));
    }

    static State apply(State state, ContainerCheckpointFailed body) {
        return state.with(concluding(state, body.getContainerId(), Pending.Kind.CONTAINER_CHECKPOINT));
    }

    static State apply(State state, Event event, ExecIntended body) {
        require(state.execs().get(body.getExecId()).isEmpty(), "Exec %s begins a second time", body.getExecId());
        return state.with(new Exec(body.getExecId(), body.getContainerId(), event.getSequence()));
    }

    static State endExec(State state, String execId) {
        require(state.execs().get(execId).isDefined(), "Exec %s ends, but has not begun", execId);
        return state.withoutExec(execId);
    }

    private static Container known(State state, String id) {
        return state.container(id).getOrElseThrow(() -> new InvariantViolation("Container %s is not known".formatted(id)));
    }

    private static Container idle(State state, String id) {
        Container container = known(state, id);
        require(container.pending().isEmpty(), "Container %s is given a second intent while %s is open", id, container.pending());
        return container;
    }

    /** The container with its intent closed; an outcome without its intent cannot be. */
    private static Container concluding(State state, String id, Pending.Kind kind) {
        Container container = known(state, id);
        require(container.isPending(kind), "Container %s has an outcome of %s, but its open intent is %s", id, kind, container.pending());
        return container.with(Option.<Pending>none());
    }

    private static Option<Pending> pending(Event event, Pending.Kind kind) {
        return Option.some(new Pending(event.getSequence(), kind));
    }
}
