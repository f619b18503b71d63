package io.cairn.driver.docker;

import io.cairn.driver.host.ContainerFiles;
import java.nio.file.Path;

/** One container's files. */
record DockerFiles(String id, Path state, Path run) implements ContainerFiles {
    /** When its start was tried. */
    Path attempt() {
        return state.resolve("attempt.json");
    }

    /** What the engine said of its end. */
    Path ended() {
        return state.resolve("ended.json");
    }
}
