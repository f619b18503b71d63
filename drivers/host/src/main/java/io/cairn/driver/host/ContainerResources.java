package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.core.driver.ResourceBackend;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.oci.CgroupDriver;
import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;

/** Where a driver's containers are counted and limited: the cgroups that the OCI runtime makes for them. Thread-safe if its parts are. */
public record ContainerResources(Layout layout, Layers layers, Node node, Limits limits) implements ResourceBackend {
    /** Measures what a container has written, as {@link ResourceBackend#writableLayer} has it. */
    @FunctionalInterface
    public interface Layers {
        LayerUse usage(String containerId) throws DriverException;
    }

    /** Gives a container other limits, as {@link ResourceBackend#update} has it. */
    @FunctionalInterface
    public interface Limits {
        Vector<String> update(String containerId, LinuxContainerResources limits) throws DriverException;
    }

    @Override
    public Option<String> cgroup(String containerId) throws DriverException {
        try {
            return ContainerRecord.read(layout.container(Requests.id(containerId)).record()).map(record -> Cgroups.path(record.cgroupsPath()));
        } catch (IOException e) {
            throw Failures.io("Cannot look at container " + containerId, e);
        }
    }

    @Override
    public Option<String> cgroup(SandboxSpec sandbox) {
        return Cgroups.ofPod(sandbox.config().getLinux().getCgroupParent(), node.cgroups() == CgroupDriver.SYSTEMD);
    }

    @Override
    public Vector<String> update(String containerId, LinuxContainerResources asked) throws DriverException {
        return limits.update(containerId, asked);
    }

    @Override
    public LayerUse writableLayer(String containerId) throws DriverException {
        return layers.usage(Requests.id(containerId));
    }
}
