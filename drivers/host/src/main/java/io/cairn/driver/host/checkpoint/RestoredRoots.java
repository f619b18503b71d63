package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Layout;
import io.cairn.driver.host.RootFilesystems;
import io.cairn.oci.ImageConfig;
import io.cairn.oci.UserMappings;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/** Root file systems of containers that go on from a checkpoint: what it brings is put in before the root is used. */
public record RestoredRoots(CheckpointRoots roots, Layout layout, String checkpoint) implements RootFilesystems {
    @Override
    public void prepare(String id, String imageId, Option<UserMappings> users) throws DriverException {
        if (users.isDefined()) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "Cannot restore container %s: its pod has users of its own", id);
        }
        roots.prepare(id, imageId, users);
        var unpacked = new CheckpointArchive(layout.container(id).restored());
        try {
            FileTrees.directory(unpacked.root());
            Vector<String> deleted = unpacked.unpack(CheckpointSource.of(roots, checkpoint));
            roots.apply(id, unpacked.unpackedDiff(), deleted);
        } catch (IOException e) {
            throw Failures.io("Cannot restore container %s from %s".formatted(id, checkpoint), e);
        }
    }

    @Override
    public ImageConfig config(String imageId) throws DriverException {
        return roots.config(imageId);
    }

    @Override
    public void mount(String id, Path target, Option<Path> userNamespace) throws DriverException {
        roots.mount(id, target, userNamespace);
    }

    @Override
    public void mountVolume(String id, int number, String imageId, Path target, Option<UserMappings> users, Option<Path> userNamespace)
            throws DriverException {
        roots.mountVolume(id, number, imageId, target, users, userNamespace);
    }

    @Override
    public void remove(String id) throws DriverException {
        roots.remove(id);
    }

    @Override
    public LayerUse usage(String id) throws DriverException {
        return roots.usage(id);
    }

    @Override
    public boolean exists(String id) throws DriverException {
        return roots.exists(id);
    }

    @Override
    public Set<String> ids() throws DriverException {
        return roots.ids();
    }
}
