package io.cairn.core.effect;

import io.cairn.core.engine.Engine;

/** All operations, over one engine and one set of locks. */
public record Operations(
        SandboxOperations sandboxes, ContainerOperations containers, ExecOperations execs, ImageOperations images) {
    public static Operations over(Engine engine, Drivers drivers, PodNetworks networks) {
        Locks locks = new Locks();
        var containers = new ContainerOperations(engine, drivers, locks);
        return new Operations(new SandboxOperations(engine, drivers, networks, containers, locks), containers,
                new ExecOperations(engine, drivers), new ImageOperations(engine, drivers, locks));
    }
}
