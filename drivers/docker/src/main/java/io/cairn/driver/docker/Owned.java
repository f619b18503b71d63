package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.NewContainer;
import io.cairn.driver.host.Failures;
import io.vavr.Tuple;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * This Cairn's containers in the engine, by the journal's ids, which are their names: those of pods that hold namespaces, and those of the
 * kubelet. What has one of these names and not our label is somebody else's and is not touched. Thread-safe.
 *
 * @param owner value of the label
 */
record Owned(Engine engine, String owner) {
    private static final long REMOVAL_MILLIS_MAX = 20_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    /** None where there is no container of ours with that name. */
    Option<EngineState> find(String id) throws DriverException {
        return engine.container(id).map(EngineState::of).filter(state -> state.isOf(owner));
    }

    /** Makes it. @return the engine's id of it @throws DriverException also when the name is taken */
    String create(NewContainer container) throws DriverException {
        return engine.createContainer(container).getOrElseThrow(() -> Failures.failed(
                "Cannot create container %s: docker at %s has one of that name already", container.name(), engine.socket()));
    }

    /** Waits until it is gone, with its processes; succeeds when there is none. */
    void remove(String id) throws DriverException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(REMOVAL_MILLIS_MAX);
        Option<EngineState> found = find(id);
        // By its own id: the name could be another's by the time the engine reads this.
        while (found.isDefined() && !engine.removeContainer(found.get().id())) {
            if (System.nanoTime() - deadline >= 0) {
                throw Failures.failed("Cannot remove container %s: docker at %s is at it, and does not come to an end", id, engine.socket());
            }
            LockSupport.parkNanos(PAUSE_NANOS);
            found = find(id);
        }
    }

    /** Ids of all that is of one kind. */
    Set<String> ids(String kind) throws DriverException {
        return engine.containers(labels(kind)).flatMap(c -> Option.of(c.getNames())).flatMap(names -> io.vavr.collection.List.of(names))
                .map(name -> name.startsWith("/") ? name.substring(1) : name).filter(name -> !name.contains("/")).toSet();
    }

    Map<String, String> labels(String kind) {
        return Labels.of(owner).put(Tuple.of(Labels.KIND, kind));
    }
}
