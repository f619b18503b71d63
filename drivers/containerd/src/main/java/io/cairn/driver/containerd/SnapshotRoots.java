package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.driver.containerd.proto.snapshots.Info;
import io.cairn.driver.containerd.proto.types.Mount;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.checkpoint.CheckpointRoots;
import io.cairn.images.SnapshotDiff;
import io.cairn.linux.Mounts;
import io.cairn.linux.TrashDir;
import io.cairn.oci.ImageConfig;
import io.cairn.oci.UserMappings;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.TreeSet;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Root file systems as snapshots of containerd's. They are mounted here and not by the shim: so owners can be mapped, and a container
 * is made and removed without its shim.
 */
record SnapshotRoots(ContainerdImages images, ContainerdLayout layout) implements CheckpointRoots {
    /** Names the container, as our mark: also on the images that it mounts as volumes. */
    private static final String CONTAINER = "io.cairn.container";
    /** Kept by the garbage collector whatever refers to it (containerd's docs/garbage-collection.md). */
    private static final String ROOT = "containerd.io/gc.root";
    private static final String VOLUME = ".image";

    private Snapshots snapshots() {
        return images.snapshots();
    }

    private static Map<String, String> labels(String id) {
        return HashMap.of(CONTAINER, id, ROOT, Instant.now().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    @Override
    public ImageConfig config(String imageId) throws DriverException {
        var config = images.config(imageId);
        return new ImageConfig(config.env().toList(), config.entrypoint().toList(), config.cmd().toList(), Option.some(config.workingDir()),
                Option.some(config.user()), Option.some(config.stopSignal()), LinkedHashMap.ofEntries(config.labels()));
    }

    @Override
    public void prepare(String id, String imageId, Option<UserMappings> users) throws DriverException {
        make(id, imageId, users);
    }

    private SnapshotMount make(String id, String imageId, Option<UserMappings> users) throws DriverException {
        try {
            SnapshotMount mount = SnapshotMount.of(snapshots().prepare(id, images.chain(imageId), labels(id)));
            if (users.isDefined()) {
                mount.giveUpperTo(users.get());
            }
            return mount;
        } catch (IOException e) {
            throw Failures.io("Cannot prepare the root file system of container " + id, e);
        }
    }

    @Override
    public void mount(String id, Path target, Option<Path> userNamespace) throws DriverException {
        mount(id, target, userNamespace, () -> SnapshotMount.of(snapshots().mounts(id)));
    }

    /** containerd says of a snapshot that it makes how it is mounted. */
    @Override
    public void prepareMounted(String id, String imageId, Option<UserMappings> users, Path target, Option<Path> userNamespace)
            throws DriverException {
        SnapshotMount made = make(id, imageId, users);
        mount(id, target, userNamespace, () -> made);
    }

    /** How a snapshot is mounted, for who has to know. */
    @FunctionalInterface
    private interface Manner {
        SnapshotMount ask() throws IOException, DriverException;
    }

    private static void mount(String key, Path target, Option<Path> userNamespace, Manner manner) throws DriverException {
        try {
            if (!Mounts.isMountPoint(target)) {
                manner.ask().mount(target, userNamespace);
            }
        } catch (IOException e) {
            throw Failures.io("Cannot mount snapshot %s at %s".formatted(key, target), e);
        }
    }

    @Override
    public void mountVolume(String id, int number, String imageId, Path target, Option<UserMappings> users, Option<Path> userNamespace)
            throws DriverException {
        String key = id + VOLUME + number;
        List<Mount> view = snapshots().view(key, images.chain(imageId), labels(id));
        mount(key, target, userNamespace, () -> SnapshotMount.of(view));
    }

    @Override
    public void remove(String id) throws DriverException {
        try {
            while (Mounts.unmount(layout.container(id).rootfs())) {
                // Until none is left: a crash may have stacked them.
            }
        } catch (IOException e) {
            throw Failures.io("Cannot unmount the root file system of container " + id, e);
        }
        for (Info snapshot : snapshots().list().filter(s -> container(s).contains(id))) {
            snapshots().remove(snapshot.getName());
        }
    }

    /** @throws DriverException UNSUPPORTED where what a container has written cannot be told from its image */
    void requireOverlay(String id) throws DriverException {
        try {
            upper(id);
        } catch (IOException e) {
            throw Failures.io("Cannot look at the root file system of container " + id, e);
        }
    }

    private Path upper(String id) throws IOException, DriverException {
        return SnapshotMount.of(snapshots().mounts(id)).upper().getOrElseThrow(() -> Failures.of(Failure.Kind.UNSUPPORTED,
                "Cannot checkpoint or restore container %s: its snapshotter %s gives no overlay, in which what was written would be apart",
                id, snapshots().snapshotter()));
    }

    @Override
    public Vector<String> export(String id, Path archive) throws DriverException {
        try {
            return SnapshotDiff.write(upper(id), archive);
        } catch (IOException e) {
            throw Failures.io("Cannot write what container %s has above its image into %s".formatted(id, archive), e);
        }
    }

    @Override
    public void apply(String id, Option<Path> archive, Vector<String> deleted) throws DriverException {
        try {
            Path upper = upper(id);
            // Beside it: what is taken away is moved there, and goes with the snapshot if a crash cuts in.
            Path trash = FileTrees.directory(upper.resolveSibling("cairn-trash"));
            var moved = new TrashDir(trash);
            SnapshotDiff.apply(upper, SnapshotMount.of(snapshots().mounts(id)).layers(), moved, archive, deleted);
            moved.empty();
            Files.delete(trash);
        } catch (IOException e) {
            throw Failures.io("Cannot put what an archive has into the root file system of container " + id, e);
        }
    }

    @Override
    public Option<Path> layerWith(String imageId, Vector<String> files) throws DriverException {
        return images.layerWith(imageId, files);
    }

    private static Option<String> container(Info snapshot) {
        return Option.of(snapshot.getLabelsMap().get(CONTAINER));
    }

    @Override
    public LayerUse usage(String id) throws DriverException {
        var usage = snapshots().usage(id).getOrElseThrow(() -> Failures.notFound("There is no snapshot of container %s to measure", id));
        return new LayerUse(images.mountPoint(), usage.getSize(), usage.getInodes());
    }

    @Override
    public boolean exists(String id) throws DriverException {
        return snapshots().stat(id).isDefined();
    }

    @Override
    public Set<String> ids() throws DriverException {
        return TreeSet.ofAll(snapshots().list().flatMap(SnapshotRoots::container));
    }
}
