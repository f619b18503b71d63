package io.cairn.core.sim;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.core.driver.ResourceBackend;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** The world has no processes, so nobody counts them; limits are kept with the container. */
record SimulatedResources(World world, Points points) implements ResourceBackend {
    /** Limits that the world refuses. */
    static final long UNBEARABLE_SHARES = 666;

    @Override
    public Option<String> cgroup(String containerId) {
        return Option.none();
    }

    @Override
    public Option<String> cgroup(SandboxSpec sandbox) {
        return Option.none();
    }

    @Override
    public Vector<String> update(String containerId, LinuxContainerResources limits) throws DriverException {
        points.pass("update begins");
        world.begin("update", containerId);
        synchronized (world) {
            SimContainer container = world.containers.get(containerId);
            if (container == null || container.phase == SimContainer.Phase.EXITED) {
                throw new DriverException(Failure.Kind.FAILED, "the simulated driver cannot update what does not run");
            }
            if (limits.getCpuShares() == UNBEARABLE_SHARES) {
                throw new DriverException(Failure.Kind.FAILED, "no machine has so many shares");
            }
            container.limits = limits;
        }
        points.pass("update done");
        return Vector.of("cpuset_mems was left out");
    }

    @Override
    public LayerUse writableLayer(String containerId) throws DriverException {
        world.begin("layer", containerId);
        return new LayerUse("/simulated", 4096, 1);
    }
}
