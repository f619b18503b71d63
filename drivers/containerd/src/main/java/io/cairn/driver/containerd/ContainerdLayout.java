package io.cairn.driver.containerd;

import io.cairn.driver.host.Layout;
import java.nio.file.Path;

/** Where this driver keeps what is not in containerd; see the package's description. */
record ContainerdLayout(Path state, Path run) implements Layout {
    @Override
    public ContainerdFiles container(String id) {
        return new ContainerdFiles(id, containers().resolve(id), containerRuns().resolve(id));
    }

    /** Where runc keeps the state of running containers; the shim adds the containerd namespace. */
    Path runtimeRoot() {
        return run.resolve("oci");
    }

    /** Programs of our own that are run: the run directory is mounted noexec on many hosts. */
    Path programs() {
        return state.resolve("programs");
    }
}
