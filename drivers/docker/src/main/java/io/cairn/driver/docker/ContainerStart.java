package io.cairn.driver.docker;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.docker.streams.LogLink;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.WallClock;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Starts a container so that its program runs at most once: whether it has run is the engine's to say, which notes it before it answers.
 * That it is tried is noted before, for the time that is told, and for an engine that dies over it.
 */
record ContainerStart(Backend backend) {
    private static final long DEATH_MILLIS_MAX = 10_000;

    StartedContainer start(String id) throws DriverException {
        return switch (new ContainerProbing(backend).probe(id)) {
            case ContainerProbe.Absent() -> throw Failures.notFound("There is no container %s to start", id);
            case ContainerProbe.Partial(String what) -> throw Failures.failed("Cannot start container %s: %s; remove it", id, what);
            case ContainerProbe.Running(StartedContainer started) -> started;
            case ContainerProbe.Exited(StartedContainer started, var _) -> started;
            case ContainerProbe.Created() -> startCreated(id);
        };
    }

    private StartedContainer startCreated(String id) throws DriverException {
        DockerFiles files = backend.layout().container(Requests.id(id));
        try {
            Container container = Container.read(files).getOrElseThrow(() -> Failures.notFound("There is no container %s to start", id));
            backend.runtimes().of(container.record().handler());
            for (Path place : container.record().log()) {
                LogLink.of(place, backend.facts().get().root(), container.engineId()).make();
            }
            FileTrees.write(files.attempt(), FileTrees.JSON.createObjectNode().put("at_nanos", WallClock.now()));
            try {
                backend.engine().startContainer(container.engineId());
            } catch (DriverException e) {
                return despite(e, id);
            }
            return new ContainerProbing(backend).started(container);
        } catch (IOException e) {
            throw Failures.io("Cannot start container " + id, e);
        }
    }

    /** Whether the program was let go is not for the answer of a call to say, which may not have come. */
    private StartedContainer despite(DriverException failure, String id) throws DriverException {
        return switch (new ContainerProbing(backend).probe(id)) {
            case ContainerProbe.Running(StartedContainer started) -> started;
            case ContainerProbe.Exited(StartedContainer started, var _) -> started;
            case ContainerProbe.Absent _, ContainerProbe.Partial _, ContainerProbe.Created _ -> throw failure;
        };
    }

    /** The engine takes back by itself what it cannot start. What it has lost sight of is ended here. */
    void abandon(String id) throws DriverException {
        DockerFiles files = backend.layout().container(Requests.id(id));
        ContainerProbe probe = new ContainerProbing(backend).probe(id);
        if (probe instanceof ContainerProbe.Running || probe instanceof ContainerProbe.Exited) {
            return;
        }
        try {
            Option<Container> container = Container.read(files);
            if (container.isDefined()) {
                container.get().cgroups().killAll(DEATH_MILLIS_MAX);
            }
        } catch (IOException e) {
            throw Failures.io("Cannot take back the start of container " + id, e);
        }
    }
}
