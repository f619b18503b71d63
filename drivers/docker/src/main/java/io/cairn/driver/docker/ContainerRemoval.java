package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.streams.LogLink;
import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Requests;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/** Takes a container away from whatever point it has come to, also after a reboot. */
record ContainerRemoval(Backend backend) {
    private static final long CGROUP_MILLIS_MAX = 10_000;

    void remove(String id) throws DriverException {
        DockerFiles files = backend.layout().container(Requests.id(id));
        try {
            Option<Container> container = Container.read(files);
            backend.owned().remove(id);
            if (container.isDefined()) {
                endProcesses(container.get());
                for (Path place : container.get().record().log()) {
                    LogLink.of(place, backend.facts().get().root(), container.get().engineId()).remove();
                }
            }
            // What names the container goes last: a crash or power loss leaves something that the inventory still shows.
            FileTrees.delete(files.run());
            FileTrees.delete(files.state());
        } catch (IOException e) {
            throw Failures.io("Cannot remove container " + id, e);
        }
    }

    /** What the engine has lost sight of. */
    private static void endProcesses(Container container) throws IOException, DriverException {
        Cgroups cgroups = container.cgroups();
        if (!cgroups.killAll(CGROUP_MILLIS_MAX)) {
            throw Failures.failed("Container %s was killed, but its processes %s do not end", container.id(), cgroups.processes().mkString(", "));
        }
        cgroups.remove();
    }
}
