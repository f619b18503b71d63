package io.cairn.driver.docker;

import io.cairn.driver.host.Layout;
import java.nio.file.Path;

/** Where this driver keeps what is not in the engine; see the package's description. */
record DockerLayout(Path state, Path run) implements Layout {
    @Override
    public DockerFiles container(String id) {
        return new DockerFiles(id, containers().resolve(id), containerRuns().resolve(id));
    }

    /** Of pulls under way, and what is on record of images. */
    Path images() {
        return state.resolve("images");
    }

    /** What the engine said last of itself. */
    Path engine() {
        return state.resolve("engine.json");
    }

    /** The process that holds a pod's namespaces. */
    Path pause(String sandboxId) {
        return sandboxRun(sandboxId).resolve("pause.json");
    }
}
