package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.ContainerKey;
import io.cairn.core.domain.State;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.ContainerCreateFailed;
import io.cairn.proto.journal.ContainerCreated;
import io.cairn.proto.journal.ContainerRemoveFailed;
import io.cairn.proto.journal.ContainerRemoved;
import io.cairn.proto.journal.ContainerStopFinished;
import io.cairn.proto.journal.ContainerUpdateFailed;
import io.cairn.proto.journal.ContainerUpdated;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import io.vavr.control.Option;

/** Create, stop and remove a container; {@link StartOperations} start it. Thread-safe. */
public final class ContainerOperations {
    private static final int SIGKILL = 9;
    /** A killed process that has not gone by now sits in the kernel (dead NFS, say); the kubelet's own patience is of this order. */
    private static final long KILL_PATIENCE_MILLIS = 20_000;

    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;
    private final StartOperations starts;
    private final Locks locks;

    ContainerOperations(Engine engine, Drivers drivers, StartOperations starts, Locks locks) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
        this.starts = starts;
        this.locks = locks;
    }

    /** @return the container's id: a new one, or that of the container the same request made before */
    public Either<Problem, String> create(Command.CreateContainer command, Origin origin) {
        ContainerKey key = ContainerKey.of(command.sandboxId(), command.config().getMetadata());
        try (var sandbox = locks.shared(command.sandboxId()); var held = locks.exclusive("create " + key)) {
            return steps.intend(command, origin).flatMap(committed -> committed.changedNothing()
                    ? Either.right(committed.subject())
                    : carryOutCreate(committed.state(), committed.subject(), origin.causedBy(committed.intent())));
        }
    }

    /**
     * Asks the container to end, and ends it when the grace is over. The lock is held for the signals only, so that a second
     * call may cut the first one's grace short.
     */
    public Either<Problem, String> stop(String id, long graceMillis, Origin origin) {
        return intendStop(id, graceMillis, origin).flatMap(intent -> intent == 0
                ? Either.right(id)
                : finishStop(engine.state(), id, graceMillis, origin.causedBy(intent)));
    }

    /** Ends the container at once. */
    Option<Failure> kill(String id, Origin origin) {
        return stop(id, 0, origin).fold(problem -> Option.some(switch (problem) {
            case Problem.Failed failed -> failed.failure();
            case Problem.Refused refused -> Failures.failure(Failure.Kind.FAILED, refused.rejection().message());
        }), stopped -> Option.none());
    }

    public Either<Problem, String> remove(String id, Origin origin) {
        try (var held = locks.exclusive(id)) {
            starts.settleOpen(id);
            return steps.intend(new Command.RemoveContainer(id), origin).flatMap(committed -> committed.changedNothing()
                    ? Either.right(id)
                    : carryOutRemove(committed.state().containers().apply(id), origin.causedBy(committed.intent())));
        }
    }

    public Either<Problem, String> update(Command.UpdateContainer command, Origin origin) {
        try (var held = locks.exclusive(command.id())) {
            return steps.intend(command, origin).flatMap(committed ->
                    carryOutUpdate(committed.state().containers().apply(command.id()), origin.causedBy(committed.intent())));
        }
    }

    /** Sets the limits that are asked for. Safe to repeat. */
    public Either<Problem, String> carryOutUpdate(Container container, Origin origin) {
        String id = container.id();
        try {
            var clamps = driver(container).resources().update(id, container.resourcesAsked().get());
            return steps.conclude(Event.newBuilder().setContainerUpdated(ContainerUpdated.newBuilder().setContainerId(id).addAllClamps(clamps)),
                    driverName(container), origin, id);
        } catch (Exception e) {
            Failure cause = Failures.of(e);
            return steps.concludeFailed(Event.newBuilder().setContainerUpdateFailed(
                    ContainerUpdateFailed.newBuilder().setContainerId(id).setCause(cause)), driverName(container), origin, cause);
        }
    }

    private Either<Problem, String> carryOutCreate(State state, String id, Origin origin) {
        Container container = state.containers().apply(id);
        var sandbox = state.sandboxes().apply(container.sandboxId());
        try {
            var made = driver(container).createContainer(
                    new ContainerSpec(id, SandboxOperations.spec(sandbox), container.config(),
                    container.imageId(), Option.of(container.checkpoint()).filter(source -> !source.isEmpty())));
            return steps.conclude(Event.newBuilder().setContainerCreated(ContainerCreated.newBuilder().setContainerId(id)
                    .setUser(made.user()).addAllClamps(made.clamps())), sandbox.driver(), origin, id);
        } catch (Exception e) {
            return abandonCreate(container, Failures.of(e), origin);
        }
    }

    /** Undoes whatever part of a creation was done, and says so. */
    public Either<Problem, String> abandonCreate(Container container, Failure cause, Origin origin) {
        var failed = ContainerCreateFailed.newBuilder().setContainerId(container.id()).setCause(cause);
        Steps.attempt(() -> driver(container).removeContainer(container.id())).forEach(failed::setLeftBehind);
        return steps.concludeFailed(Event.newBuilder().setContainerCreateFailed(failed), driverName(container), origin, cause);
    }

    /** @return sequence of the intent, 0 when there is nothing to stop */
    private Either<Problem, Long> intendStop(String id, long graceMillis, Origin origin) {
        try (var held = locks.exclusive(id)) {
            starts.settleOpen(id);
            return steps.intend(new Command.StopContainer(id, graceMillis), origin).flatMap(committed -> {
                if (committed.changedNothing()) {
                    return Either.right(0L);
                }
                Container container = committed.state().containers().apply(id);
                int signal = graceMillis > 0 ? container.stopSignal() : SIGKILL;
                Option<Failure> failure = Steps.attempt(() -> driver(container).signalContainer(id, signal));
                return failure.isDefined()
                        ? concludeStop(container, failure, origin.causedBy(committed.intent())).map(done -> 0L)
                        : Either.right(committed.intent());
            });
        }
    }

    /**
     * Goes on with a stop that a crash cut off. Whether its signal was sent is not known: a second one does less harm than none, which
     * would leave the program unaware until it is killed.
     *
     * @param graceMillis what is left of it
     */
    public Either<Problem, String> resumeStop(Container container, long graceMillis, Origin origin) {
        if (graceMillis > 0) {
            Steps.attempt(() -> driver(container).signalContainer(container.id(), container.stopSignal()));
        }
        return finishStop(engine.state(), container.id(), graceMillis, origin);
    }

    /** Waits out the grace, kills, waits for the end. */
    public Either<Problem, String> finishStop(State state, String id, long graceMillis, Origin origin) {
        Option<Container> container = state.container(id);
        if (container.isEmpty()) {
            return Either.right(id);
        }
        Option<Failure> failure = Steps.attempt(() -> {
            if (!engine.await(s -> hasEnded(s, id), graceMillis)) {
                driver(container.get()).signalContainer(id, SIGKILL);
            }
        });
        return concludeStop(container.get(), failure.orElse(() -> awaitEnd(id)), origin);
    }

    private Option<Failure> awaitEnd(String id) {
        try {
            return engine.await(s -> hasEnded(s, id), KILL_PATIENCE_MILLIS)
                    ? Option.none()
                    : Option.some(Failures.failure(Failure.Kind.TIMED_OUT, "container %s was killed, but its process has not ended within %d s"
                            .formatted(id, KILL_PATIENCE_MILLIS / 1000)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Option.some(Failures.of(e));
        }
    }

    private Either<Problem, String> concludeStop(Container container, Option<Failure> failure, Origin origin) {
        var finished = ContainerStopFinished.newBuilder().setContainerId(container.id());
        failure.forEach(finished::setFailure);
        return steps.conclude(Event.newBuilder().setContainerStopFinished(finished), driverName(container), origin, container.id())
                .flatMap(id -> failure.isDefined() ? Either.left(new Problem.Failed(failure.get())) : Either.right(id));
    }

    /** Ends what runs, so that its exit is on record before the container is gone; then takes every trace away. Safe to repeat. */
    public Either<Problem, String> carryOutRemove(Container container, Origin origin) {
        String id = container.id();
        String driverName = driverName(container);
        Option<Failure> failure = endBeforeRemoval(container)
                .orElse(() -> Steps.attempt(() -> driver(container).removeContainer(id)));
        return failure.isDefined()
                ? steps.concludeFailed(Event.newBuilder().setContainerRemoveFailed(
                        ContainerRemoveFailed.newBuilder().setContainerId(id).setCause(failure.get())), driverName, origin, failure.get())
                : steps.conclude(Event.newBuilder().setContainerRemoved(ContainerRemoved.newBuilder().setContainerId(id)), driverName,
                        origin, id);
    }

    private Option<Failure> endBeforeRemoval(Container container) {
        if (!engine.state().container(container.id()).exists(Container::isRunning)) {
            return Option.none();
        }
        return Steps.attempt(() -> driver(container).signalContainer(container.id(), SIGKILL)).orElse(() -> awaitEnd(container.id()));
    }

    /** What a driver saw, or recovery found. */
    public void reportExit(String id, ExitReport report) {
        String driver = engine.state().container(id).map(this::driverName).getOrElse("");
        engine.submit(new Command.Observe(Event.newBuilder().setDriver(driver).setContainerExited(report.toEvent(id)).build()), Origin.SELF);
    }

    private static boolean hasEnded(State state, String id) {
        return !state.container(id).exists(Container::isRunning);
    }

    private String driverName(Container container) {
        return engine.state().sandboxes().apply(container.sandboxId()).driver();
    }

    private Driver driver(Container container) {
        return drivers.named(driverName(container));
    }
}
