package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.driver.host.Failures;
import io.cairn.images.Snapshots;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What a container has written to its root file system. Where the engine keeps that in a directory, it is counted as on the other drivers;
 * elsewhere the engine measures it, and knows of no inodes.
 */
record WritableLayer(Backend backend) {
    LayerUse usage(String id) throws DriverException {
        String mountPoint = backend.facts().get().root().toString();
        Option<Path> directory = backend.engine().writtenDirectory(id).filter(Files::isDirectory);
        if (directory.isEmpty()) {
            long bytes = backend.engine().writtenBytes(id)
                    .getOrElseThrow(() -> Failures.notFound("Docker at %s has no container %s", backend.engine().socket(), id));
            return new LayerUse(mountPoint, bytes, 0);
        }
        try {
            Snapshots.Usage usage = Snapshots.Usage.of(directory.get());
            return new LayerUse(mountPoint, usage.bytes(), usage.inodes());
        } catch (IOException e) {
            throw Failures.io("Cannot measure what container " + id + " has written", e);
        }
    }
}
