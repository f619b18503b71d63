package io.cairn.driver.docker;

import io.cairn.core.driver.ImageBackend;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Node;

/**
 * What the parts of this driver share; all of it immutable or thread-safe. Closed, it has stopped; what runs goes on running.
 *
 * @param engineStats whether the engine is to be able to tell what a pod's containers use
 */
record Backend(DockerLayout layout, Boot boot, Engine engine, EngineFacts facts, Owned owned, Runtimes runtimes, Exits exits, Node node,
        ImageBackend images, PauseImage pause, boolean engineStats, ImageConfigs configs, Users users) implements AutoCloseable {
    @Override
    public void close() {
        engine.close();
    }
}
