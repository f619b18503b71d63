package io.cairn.driver.containerd;

import io.cairn.driver.containerd.io.Outputs;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.Node;
import io.cairn.linux.Poller;

/** What the parts of this driver share; all of it immutable or thread-safe. Closed, it has stopped; what runs goes on running. */
record Backend(ContainerdLayout layout, Boot boot, Runtimes runtimes, Connection containerd, Tasks tasks, ContainerRecords records,
        SnapshotRoots roots, ShimsCriu criu, Exits exits, Node node, Outputs outputs, Poller poller) implements AutoCloseable {
    @Override
    public void close() {
        outputs.close();
        poller.close();
        containerd.close();
    }
}
