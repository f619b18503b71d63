package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.Volumes;
import io.vavr.control.Option;
import java.io.IOException;

/** Takes a container away from whatever point it has come to, also after a reboot. Its log stays: it is the kubelet's. */
record ContainerRemoval(Backend backend) {
    void remove(String id) throws DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(id));
        try {
            Option<Container> container = Container.read(files);
            if (container.isDefined()) {
                new ContainerEnd(backend).end(container.get());
            } else {
                new ContainerEnd(backend).endTask(id, backend.tasks().find(id, Tasks.MAIN));
            }
            removeFiles(files);
        } catch (IOException e) {
            throw Failures.io("Cannot remove container " + id, e);
        }
    }

    /** What names the container goes last: a crash or power loss leaves something that the inventory still shows. */
    private void removeFiles(ContainerdFiles files) throws IOException, DriverException {
        for (String exec : FileTrees.names(files.execs())) {
            backend.outputs().remove(exec, files.execs().resolve(exec));
        }
        backend.outputs().remove(files.id(), files.output());
        backend.records().delete(files.id());
        new Volumes(backend.layout(), backend.roots()).remove(files.id());
        backend.roots().remove(files.id());
        FileTrees.delete(files.run());
        FileTrees.delete(files.state());
    }
}
