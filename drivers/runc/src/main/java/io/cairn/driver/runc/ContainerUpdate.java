package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Command.Ended;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LimitsUpdate;
import io.cairn.oci.ResourceUpdate;
import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;

/** Limits of a running container are set by the OCI runtime; one that has not started gets them from its spec. */
record ContainerUpdate(Backend backend) {
    Vector<String> update(String id, LinuxContainerResources limits) throws DriverException {
        return new LimitsUpdate(backend.layout(), backend.node(), new ContainerProbing(backend)::probe, this::set).update(id, limits);
    }

    private void set(ContainerFiles container, ResourceUpdate update, boolean running) throws IOException, DriverException {
        if (!running) {
            return;
        }
        RuncFiles files = backend.layout().container(container.id());
        Option<ContainerRecord> record = ContainerRecord.read(files.record());
        OciRuntime runtime = backend.runtimes().ofOrStandard(record.map(ContainerRecord::handler).getOrElse(""));
        FileTrees.write(files.update(), update.toJson());
        Ended ended = runtime.run("Updating " + files.id(), List.of("update", "--resources", files.update().toString(), files.id()));
        if (!ended.succeeded()) {
            throw Failures.failed("Cannot update container %s: %s", files.id(), ended.said());
        }
    }
}
