package io.cairn.images;

import io.cairn.linux.DetachedMount;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Mounts;
import io.cairn.linux.Tree;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * One overlay mount of a snapshot.
 *
 * <p>Where the files belong to other users than in the image, overlayfs is given a mount of the layers that shows them so (Linux
 * 5.19, and a file system that can). Where that cannot be had, every file is given to its owner above the layers, once.
 *
 * @param mapper how the layers are shown under other owners
 */
record SnapshotMount(StoreParts parts, OwnerMapper mapper) {
    /** In the snapshot's directory: where the layers are mounted for a moment, and the note that all files have their owners. */
    private static final String LAYERS = "layers";
    private static final String SHIFTED = "shifted";

    /** Attaches a directory elsewhere, its owners mapped. */
    @FunctionalInterface
    interface OwnerMapper {
        void attach(Path source, Path userNamespace, Path target) throws LinuxException;

        OwnerMapper KERNEL = (source, userNamespace, target) -> {
            try (DetachedMount copy = DetachedMount.of(source)) {
                copy.mapOwners(userNamespace);
                copy.attach(target);
            }
        };
    }

    /** @param userNamespace a file of it, for a snapshot with owners of its own */
    void mount(String key, SnapshotInfo info, Vector<LayerInfo> layers, Path target, boolean readOnly, Option<Path> userNamespace)
            throws IOException {
        long flags = readOnly || !info.isWritable() ? Mounts.MS_RDONLY : 0;
        Vector<Path> visible = LayerStore.visible(layers).map(layer -> parts.layers().fs(layer.chainId()));
        if (info.owners().isEmpty() || visible.isEmpty() || Files.exists(directory(key).resolve(SHIFTED))) {
            overlay(key, info, visible, target, flags);
            return;
        }
        Path namespace = userNamespace.getOrElseThrow(() -> new IOException(
                "Expected the user namespace that the snapshot's owners come from, but there is none"));
        try {
            mapped(key, info, visible, target, flags, namespace);
        } catch (LinuxException e) {
            if (!DetachedMount.isUnsupported(e)) {
                throw e;
            }
            shifted(key, info, visible, target, flags, e);
        }
    }

    private void mapped(String key, SnapshotInfo info, Vector<Path> layers, Path target, long flags, Path userNamespace)
            throws IOException {
        Path shown = directory(key).resolve(LAYERS);
        detachLayers(key);
        Durable.directory(shown);
        mapper.attach(parts.dirs().layers, userNamespace, shown);
        try {
            overlay(key, info, layers.map(layer -> shown.resolve(parts.dirs().layers.relativize(layer))), target, flags);
        } finally {
            // overlayfs has a copy of its own.
            detachLayers(key);
        }
    }

    private void shifted(String key, SnapshotInfo info, Vector<Path> layers, Path target, long flags, LinuxException cause)
            throws IOException {
        Owners owners = info.owners().get();
        if (!info.isWritable()) {
            throw new IOException(("Expected to show an image that is mounted as a volume under the ids from %d on, but the kernel or the "
                    + "file system of %s cannot: %s").formatted(owners.firstUid(), parts.dirs().root, cause.getMessage()), cause);
        }
        overlay(key, info, layers, target, 0);
        try (Tree root = Tree.open(target)) {
            OwnerShift.run(root, owners);
        } catch (IOException e) {
            Mounts.unmount(target);
            throw e;
        }
        Durable.writeNew(directory(key).resolve(SHIFTED), new byte[0], false);
        if (flags != 0) {
            Mounts.mount("none", target, "none", Mounts.MS_REMOUNT | flags, "");
        }
    }

    private void overlay(String key, SnapshotInfo info, Vector<Path> lowers, Path target, long flags) throws IOException {
        try (var options = new OverlayOptions(lowers, parts.dirs().empty)) {
            String text = info.isWritable() ? options.writable(directory(key).resolve("fs"), directory(key).resolve("work"))
                    : options.view();
            Mounts.mount(source(key), target, "overlay", flags, text);
        }
    }

    /** What the mount table shows a snapshot's mounts by: its directory, since another store may use the same key. */
    String source(String key) {
        return directory(key).toString();
    }

    /** A crash may have left them mounted; nothing of a snapshot may be deleted as long as they are. */
    void detachLayers(String key) throws LinuxException {
        while (Mounts.unmount(directory(key).resolve(LAYERS))) {
            // Until none is left: a crash may have stacked them.
        }
    }

    private Path directory(String key) {
        return parts.dirs().snapshots.resolve(key);
    }
}
