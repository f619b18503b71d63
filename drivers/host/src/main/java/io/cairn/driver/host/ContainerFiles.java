package io.cairn.driver.host;

import java.nio.file.Path;

/** One container's files; see the package's description. A driver adds what is its own. */
public interface ContainerFiles {
    String id();

    /** Its directory in the state directory. */
    Path state();

    /** Its directory in the run-time directory. */
    Path run();

    /** The container is whole and may be started. */
    default Path record() {
        return state().resolve("container.json");
    }

    /** Its OCI spec. */
    default Path spec() {
        return state().resolve("config.json");
    }

    /** Which process is let go, in which boot. */
    default Path started() {
        return state().resolve("started.json");
    }

    /** It was found gone, and between when. */
    default Path vanished() {
        return state().resolve("vanished.json");
    }

    /** Which checkpoint was tried last, and whether its archive is whole. */
    default Path checkpoint() {
        return state().resolve("checkpoint.json");
    }

    /** What a checkpoint is made of while it is made. */
    default Path checkpointing() {
        return state().resolve("checkpoint");
    }

    /** What CRIU wrote of the processes that go on in this container; absent where the program begins anew. */
    default Path restored() {
        return state().resolve("restore");
    }

    /** Where its root file system is mounted. */
    default Path rootfs() {
        return run().resolve("rootfs");
    }
}
