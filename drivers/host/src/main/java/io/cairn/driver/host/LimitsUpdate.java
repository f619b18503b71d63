package io.cairn.driver.host;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.oci.ResourceUpdate;
import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.Vector;
import java.io.IOException;

/**
 * Gives a container other limits: by its backend first, which takes back what it had set when it fails in the middle, then in its spec, so
 * that it tells what is in force.
 */
public record LimitsUpdate(Layout layout, Node node, Probe probe, Setter setter) implements ContainerResources.Limits {
    /** As {@link io.cairn.core.driver.Driver#probeContainer}. */
    @FunctionalInterface
    public interface Probe {
        ContainerProbe probe(String containerId) throws DriverException;
    }

    /** Has the backend set limits. */
    @FunctionalInterface
    public interface Setter {
        /** @param running the container's program runs; else it is ready to start, and need not be known to the backend yet */
        void set(ContainerFiles files, ResourceUpdate update, boolean running) throws IOException, DriverException;
    }

    @Override
    public Vector<String> update(String id, LinuxContainerResources limits) throws DriverException {
        ResourceUpdate update = ResourceUpdate.of(limits, node.facts())
                .getOrElseThrow(problem -> Failures.of(Requests.kind(problem), "Cannot update container %s: %s", id, problem.message()));
        ContainerFiles files = layout.container(Requests.id(id));
        try {
            switch (probe.probe(id)) {
                case ContainerProbe.Running _ -> setter.set(files, update, true);
                case ContainerProbe.Created() -> setter.set(files, update, false);
                case ContainerProbe.Exited _ -> throw Failures.failed("Cannot update container %s: it has ended", id);
                case ContainerProbe.Partial(String what) -> throw Failures.failed("Cannot update container %s: %s", id, what);
                case ContainerProbe.Absent() -> throw Failures.notFound("There is no container %s to update", id);
            }
            StoredSpec.setLimits(files, update);
            return update.clamps().map(ContainerRecord::words).toVector();
        } catch (IOException e) {
            throw Failures.io("Cannot update container " + id, e);
        }
    }
}
