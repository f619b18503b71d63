package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.LimitsUpdate;
import io.cairn.oci.ResourceUpdate;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Vector;

/** Limits are set by the engine, of a container that runs as of one that is only made. */
record ContainerUpdate(Backend backend) {
    Vector<String> update(String id, LinuxContainerResources limits) throws DriverException {
        return new LimitsUpdate(backend.layout(), backend.node(), new ContainerProbing(backend)::probe, this::set).update(id, limits);
    }

    private void set(ContainerFiles files, ResourceUpdate update, boolean running) throws DriverException {
        String tried = "Cannot update container " + files.id();
        new Refusals(backend.facts().get().version(), backend.engine().api()).checkUpdate(tried, update.resources());
        try {
            backend.engine().updateContainer(files.id(), command -> EngineLimits.put(update.resources(), command));
        } catch (DriverException e) {
            // The form of what is asked was looked at before: what the engine refuses is what this host does not allow.
            throw e.kind() == Failure.Kind.INVALID ? Failures.failed("%s: %s", tried, e.getMessage()) : e;
        }
    }
}
