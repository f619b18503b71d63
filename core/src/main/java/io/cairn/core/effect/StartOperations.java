package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Pending;
import io.cairn.core.domain.State;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.StartedContainer;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.ContainerStartFailed;
import io.cairn.proto.journal.ContainerStarted;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts containers, each at most once. What came of a start that failed or was cut off is decided by the process and its exit
 * record. While the driver cannot tell, nothing is concluded: the intent stays open, whoever wants to stop or remove the container
 * is refused, and the driver is asked again until it answers. Thread-safe.
 */
public final class StartOperations {
    private static final Logger LOG = LoggerFactory.getLogger(StartOperations.class);
    private static final long ASK_AGAIN_MILLIS_MIN = 500;
    private static final long ASK_AGAIN_MILLIS_MAX = 30_000;

    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;
    private final Locks locks;
    private final ConcurrentHashMap<String, Doubt> doubts = new ConcurrentHashMap<>();

    StartOperations(Engine engine, Drivers drivers, Locks locks) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
        this.locks = locks;
    }

    /** Hears how the driver decided a doubt, before the outcome goes on record. */
    public interface Verdict {
        void on(boolean hasRun, String evidence);
    }

    /** @param cause recorded if the program has not run */
    private record Doubt(Failure cause, Verdict verdict, Origin origin) {}

    public Either<Problem, String> start(String id, Origin origin) {
        String sandboxId = engine.state().container(id).map(Container::sandboxId).getOrElse("");
        try (var sandbox = locks.shared(sandboxId); var held = locks.exclusive(id)) {
            return steps.intend(new Command.StartContainer(id), origin).flatMap(committed ->
                    carryOut(committed.state().containers().apply(id), origin.causedBy(committed.intent())));
        }
    }

    private Either<Problem, String> carryOut(Container container, Origin origin) {
        try {
            return concludeStarted(container, driver(container).startContainer(container.id()), origin);
        } catch (Exception e) {
            return settle(container, Failures.of(e), (hasRun, evidence) -> {}, origin);
        }
    }

    /**
     * Concludes a start that failed, or was cut off; it is never tried again.
     *
     * @param cause recorded if the program has not run
     * @return the container's id if its program has run, else why not, or that it is not known yet
     */
    public Either<Problem, String> settle(Container container, Failure cause, Verdict verdict, Origin origin) {
        var doubt = new Doubt(cause, verdict, origin);
        return decide(container, doubt).getOrElse(() -> {
            doubts.put(container.id(), doubt);
            Thread.ofVirtual().name("settle-" + container.id()).start(() -> goOnAsking(container.id()));
            return Either.left(new Problem.Failed(Failures.failure(Failure.Kind.UNAVAILABLE,
                    "whether container %s has started is not known, and the driver will be asked again; its start ended with: %s"
                            .formatted(container.id(), cause.getMessage()))));
        });
    }

    /** Asks once more, for somebody who is in need of an answer and holds the container's lock. */
    void settleOpen(String id) {
        Option.of(doubts.get(id)).forEach(doubt -> engine.state().container(id).filter(c -> c.isPending(Pending.Kind.CONTAINER_START))
                .flatMap(container -> decide(container, doubt)).forEach(decided -> doubts.remove(id)));
    }

    private void goOnAsking(String id) {
        try {
            long pause = ASK_AGAIN_MILLIS_MIN;
            while (!engine.await(state -> !isOpen(state, id), pause)) {
                pause = Math.min(2 * pause, ASK_AGAIN_MILLIS_MAX);
                try (var held = locks.exclusive(id)) {
                    settleOpen(id);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean isOpen(State state, String id) {
        return state.container(id).exists(c -> c.isPending(Pending.Kind.CONTAINER_START));
    }

    /** @return none while the driver does not say what is true */
    private Option<Either<Problem, String>> decide(Container container, Doubt doubt) {
        ContainerProbe probe;
        try {
            probe = driver(container).probeContainer(container.id());
        } catch (Exception e) {
            LOG.warn("Whether container {} has started is not known: {}", container.id(), Failures.of(e).getMessage());
            return Option.none();
        }
        boolean hasRun = probe instanceof ContainerProbe.Running || probe instanceof ContainerProbe.Exited;
        doubt.verdict().on(hasRun, "the driver shows " + probe);
        return Option.some(switch (probe) {
            case ContainerProbe.Running running -> concludeStarted(container, running.started(), doubt.origin());
            case ContainerProbe.Exited exited -> {
                var started = concludeStarted(container, exited.started(), doubt.origin());
                engine.submit(new Command.Observe(Event.newBuilder().setDriver(driver(container).name())
                        .setContainerExited(exited.report().toEvent(container.id())).build()), Origin.SELF);
                yield started;
            }
            case ContainerProbe.Created created -> abandon(container, doubt);
            case ContainerProbe.Partial partial -> abandon(container, doubt);
            case ContainerProbe.Absent absent -> abandon(container, doubt);
        });
    }

    private Either<Problem, String> concludeStarted(Container container, StartedContainer started, Origin origin) {
        var answer = steps.conclude(Event.newBuilder().setContainerStarted(ContainerStarted.newBuilder().setContainerId(container.id())
                .setPid(started.pid()).setStartedAtNanos(started.startedAtNanos()).setRestoredFrom(container.checkpoint())),
                driver(container).name(), origin, container.id());
        if (engine.state().container(container.id()).exists(Container::isRunning)) {
            driver(container).watch(container.id(), started.pid());
        }
        return answer;
    }

    /** A process that waits to become the program, and whatever holds it, goes; what cannot be taken back now goes with the container. */
    private Either<Problem, String> abandon(Container container, Doubt doubt) {
        Failure cause = Steps.attempt(() -> driver(container).abandonStart(container.id()))
                .map(left -> Failures.failure(doubt.cause().getKind(), "%s; what is left of the start could not be taken back: %s"
                        .formatted(doubt.cause().getMessage(), left.getMessage())))
                .getOrElse(doubt.cause());
        return steps.concludeFailed(Event.newBuilder().setContainerStartFailed(ContainerStartFailed.newBuilder()
                .setContainerId(container.id()).setCause(cause)), driver(container).name(), doubt.origin(), cause);
    }

    private Driver driver(Container container) {
        return drivers.named(engine.state().sandboxes().apply(container.sandboxId()).driver());
    }
}
