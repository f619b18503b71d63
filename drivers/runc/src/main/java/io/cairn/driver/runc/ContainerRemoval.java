package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/** Takes a container away from whatever point it has come to, also after a reboot. Its log stays: it is the kubelet's. */
record ContainerRemoval(Backend backend) {
    void remove(String id) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(id));
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
    private void removeFiles(ContainerFiles files) throws IOException, DriverException {
        backend.roots().remove(files.id());
        FileTrees.delete(files.bundle());
        Files.deleteIfExists(files.exit());
        FileTrees.delete(files.state());
    }
}
