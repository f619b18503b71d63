package io.cairn.core.effect;

import io.cairn.core.engine.Engine;
import io.cairn.core.metrics.Metrics;
import java.util.concurrent.Executor;

/** All operations, over one engine and one set of locks. */
public record Operations(
        SandboxOperations sandboxes, ContainerOperations containers, StartOperations starts, CheckpointOperations checkpoints,
        ExecOperations execs, StreamOperations streams, ImageOperations images, NetworkOperations networks) {
    /** @param afterPullRetention runs a task when the next try of a failed pull had its time */
    public static Operations over(Engine engine, Drivers drivers, PodNetworks networks, Metrics metrics, Executor afterPullRetention) {
        Locks locks = new Locks();
        var starts = new StartOperations(engine, drivers, locks);
        var containers = new ContainerOperations(engine, drivers, starts, locks);
        return new Operations(new SandboxOperations(engine, drivers, networks, containers, locks), containers, starts,
                new CheckpointOperations(engine, drivers, locks), new ExecOperations(engine, drivers), new StreamOperations(engine, drivers),
                new ImageOperations(engine, drivers, locks, metrics, afterPullRetention),
                new NetworkOperations(engine, networks.network()));
    }
}
