package io.cairn.driver.host;

import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import java.io.IOException;
import java.nio.file.Path;

/** Where a driver keeps what of pods and containers; see the package's description. A driver adds what is its own. */
public interface Layout {
    /** The driver's part of the state directory, which survives a reboot. */
    Path state();

    /** The driver's part of the run-time directory, which does not. */
    Path run();

    /** A container's files, whether it is there or not. */
    ContainerFiles container(String id);

    default Path alive() {
        return state().resolve("alive");
    }

    default Path containers() {
        return state().resolve("containers");
    }

    default Path sandboxes() {
        return state().resolve("sandboxes");
    }

    default Path sandbox(String id) {
        return sandboxes().resolve(id);
    }

    default Path sandboxRuns() {
        return run().resolve("sandboxes");
    }

    default Path sandboxRun(String id) {
        return sandboxRuns().resolve(id);
    }

    default Path namespaces() {
        return run().resolve("ns");
    }

    default Path containerRuns() {
        return run().resolve("containers");
    }

    /** The parent of what is mounted for single containers before they are made. */
    default Path volumes() {
        return run().resolve("volumes");
    }

    default Path volumes(String id) {
        return volumes().resolve(id);
    }

    /** The user namespace of a pod that has one of its own. */
    default Path userNamespace(String sandboxId) {
        return namespaces().resolve(sandboxId).resolve("user");
    }

    /** To be called before anything else is. */
    default void makeDirectories() throws IOException {
        for (Path dir : new Path[] {containers(), sandboxes()}) {
            FileTrees.directory(dir);
        }
        for (Path dir : new Path[] {run(), containerRuns(), sandboxRuns(), volumes()}) {
            FileTrees.passage(dir);
        }
    }

    /** Pods of which there is anything here. */
    default Set<String> sandboxIds() throws IOException {
        return HashSet.<String>empty().addAll(FileTrees.names(sandboxes())).addAll(FileTrees.names(sandboxRuns()))
                .addAll(FileTrees.names(namespaces()));
    }

    /** Containers of which there is anything here. */
    default Set<String> containerIds() throws IOException {
        return HashSet.<String>empty().addAll(FileTrees.names(containers())).addAll(FileTrees.names(containerRuns()))
                .addAll(FileTrees.names(volumes()));
    }
}
