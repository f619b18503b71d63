package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.Volumes;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/** Takes a container away from whatever point it has come to, also after a reboot. Its log stays: it is the kubelet's. */
record ContainerRemoval(Backend backend) {
    void remove(String id) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(id));
        try {
            Option<Container> container = Container.read(files);
            if (container.isDefined()) {
                OciRuntime runtime = backend.runtimes().ofOrStandard(container.get().record().handler());
                new ContainerEnd(runtime).end(container.get());
            } else {
                backend.runtimes().standard().delete(id);
            }
            removeFiles(files);
        } catch (IOException e) {
            throw Failures.io("Cannot remove container " + id, e);
        }
    }

    /** What names the container goes last: a crash or power loss leaves something that the inventory still shows. */
    private void removeFiles(RuncFiles files) throws IOException, DriverException {
        new Volumes(backend.layout(), backend.roots()).remove(files.id());
        backend.roots().remove(files.id());
        FileTrees.delete(files.bundle());
        Files.deleteIfExists(files.exit());
        FileTrees.delete(files.state());
    }
}
