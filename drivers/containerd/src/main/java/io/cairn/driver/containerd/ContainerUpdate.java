package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LimitsUpdate;
import io.cairn.driver.host.Requests;
import io.cairn.oci.ResourceUpdate;
import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Limits of a running container are set by its task, and those of each are in containerd's record of its spec, too. */
record ContainerUpdate(Backend backend) {
    Vector<String> update(String id, LinuxContainerResources limits) throws DriverException {
        Vector<String> clamps = new LimitsUpdate(backend.layout(), backend.node(), new ContainerProbing(backend)::probe, this::set)
                .update(id, limits);
        try {
            ContainerdFiles files = backend.layout().container(Requests.id(id));
            backend.records().setSpec(id, FileTrees.read(files.spec()).getOrElse("{}".getBytes(StandardCharsets.US_ASCII)),
                    new CriuOptions(files).annotations());
            return clamps;
        } catch (IOException e) {
            throw Failures.io("Cannot update container " + id, e);
        }
    }

    private void set(ContainerFiles files, ResourceUpdate update, boolean running) throws DriverException {
        if (running) {
            backend.tasks().update(files.id(), update.toJson());
        }
    }
}
