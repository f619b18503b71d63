package io.cairn.core.driver;

import io.cairn.proto.cri.LinuxContainerResources;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** Where the processes of a driver are counted and limited. Thread-safe. */
public interface ResourceBackend {
    /** The cgroup of a container as in proc_pid_cgroup(5), whether it exists now or not; none where the driver knows of none. */
    Option<String> cgroup(String containerId) throws DriverException;

    /** The cgroup that holds all containers of a pod, and nobody else; none where they have no such cgroup. */
    Option<String> cgroup(SandboxSpec sandbox) throws DriverException;

    /**
     * Sets the limits of a container that runs, or is ready to start.
     *
     * @param limits all of them, those that stay as they are included
     * @return what the host does not allow and was given otherwise than asked, in words
     * @throws DriverException when they are those of before
     */
    Vector<String> update(String containerId, LinuxContainerResources limits) throws DriverException;

    /** Measures what a container has written: may look at every file, which takes long for a large one. */
    LayerUse writableLayer(String containerId) throws DriverException;
}
