package io.cairn.driver.containerd;

import io.cairn.driver.containerd.proto.types.Mount;
import io.cairn.driver.host.FileTrees;
import io.cairn.images.OverlayOptions;
import io.cairn.images.Owners;
import io.cairn.linux.DetachedMount;
import io.cairn.linux.Mounts;
import io.cairn.linux.Tree;
import io.cairn.oci.UserMappings;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A snapshot as its snapshotter says it is to be mounted: with the words of mount(8). */
record SnapshotMount(Mount mount) {
    private static final Map<String, Long> FLAGS = HashMap.of("ro", Mounts.MS_RDONLY, "nosuid", Mounts.MS_NOSUID, "nodev", Mounts.MS_NODEV,
            "noexec", Mounts.MS_NOEXEC, "bind", Mounts.MS_BIND, "rbind", Mounts.MS_BIND | Mounts.MS_REC, "rw", 0L);
    private static final String LOWER = "lowerdir=";
    private static final String UPPER = "upperdir=";
    private static final String WORK = "workdir=";

    static SnapshotMount of(List<Mount> mounts) throws IOException {
        if (mounts.size() != 1) {
            throw new IOException("Expected one mount for a snapshot, but its snapshotter gives " + mounts.size());
        }
        return new SnapshotMount(mounts.getFirst());
    }

    private boolean isOverlay() {
        return mount.getType().equals("overlay");
    }

    private Option<String> option(String prefix) {
        return Vector.ofAll(mount.getOptionsList()).find(option -> option.startsWith(prefix)).map(option -> option.substring(prefix.length()));
    }

    /** What is written to it goes there; none where it is no overlay, or none that can be written to. */
    Option<Path> upper() {
        return isOverlay() ? option(UPPER).map(Path::of) : Option.none();
    }

    /** The directories of what lies below, the top one first. */
    Vector<Path> layers() {
        return isOverlay() ? lowers() : Vector.of(Path.of(mount.getSource()));
    }

    private Vector<Path> lowers() {
        return option(LOWER).map(list -> Vector.of(list.split(":")).map(Path::of)).getOrElse(Vector.empty());
    }

    /** @param userNamespace whose owners the files are to have */
    void mount(Path target, Option<Path> userNamespace) throws IOException {
        boolean isEmpty = !isOverlay() && !mount.getOptionsList().contains("ro");
        if (userNamespace.isDefined() && !isEmpty) {
            mountMapped(target, userNamespace.get());
        } else if (isOverlay()) {
            overlay(target, lowers());
        } else {
            plain(target);
        }
    }

    private void plain(Path target) throws IOException {
        long flags = Vector.ofAll(mount.getOptionsList()).flatMap(FLAGS::get).foldLeft(0L, (all, flag) -> all | flag);
        String data = String.join(",", mount.getOptionsList().stream().filter(option -> !FLAGS.containsKey(option)).toList());
        Mounts.mount(mount.getSource(), target, mount.getType(), flags, data);
        if ((flags & Mounts.MS_BIND) != 0 && (flags & Mounts.MS_RDONLY) != 0) {
            // A bind mount takes its flags only when it is mounted again (mount(2)).
            Mounts.mount("none", target, "none", Mounts.MS_REMOUNT | Mounts.MS_BIND | Mounts.MS_RDONLY, "");
        }
    }

    private void overlay(Path target, Vector<Path> lowers) throws IOException {
        try (var options = new OverlayOptions(lowers, target)) {
            String text = option(UPPER).isDefined() ? options.writable(Path.of(option(UPPER).get()), Path.of(option(WORK).get())) : options.view();
            Mounts.mount("cairn", target, "overlay", option(UPPER).isDefined() ? 0 : Mounts.MS_RDONLY, text);
        }
    }

    /** overlayfs is given a mount of the layers that shows them under their new owners; it keeps a copy of its own. */
    private void mountMapped(Path target, Path userNamespace) throws IOException {
        Vector<Path> lowers = layers();
        if (!isOverlay()) {
            try (DetachedMount copy = DetachedMount.of(lowers.head())) {
                copy.mapOwners(userNamespace);
                copy.attach(target);
            }
            Mounts.mount("none", target, "none", Mounts.MS_REMOUNT | Mounts.MS_BIND | Mounts.MS_RDONLY, "");
            return;
        }
        // SNAPSHOTTER/snapshots/NUMBER/fs: all of them at once.
        Path all = lowers.head().getParent().getParent();
        Path shown = FileTrees.directory(target.resolveSibling(target.getFileName() + ".layers"));
        detach(shown);
        try (DetachedMount copy = DetachedMount.of(all)) {
            copy.mapOwners(userNamespace);
            copy.attach(shown);
            overlay(target, lowers.map(lower -> shown.resolve(all.relativize(lower))));
        } finally {
            detach(shown);
            Files.deleteIfExists(shown);
        }
    }

    private static void detach(Path shown) throws IOException {
        while (Mounts.unmount(shown)) {
            // Until none is left: a crash may have stacked them.
        }
    }

    /** The upper directory's owner is what overlayfs shows as that of the root: it must be the mapped one. */
    void giveUpperTo(UserMappings users) throws IOException {
        Option<String> upper = isOverlay() ? option(UPPER) : Option.some(mount.getSource());
        var owners = new Owners(users.uids().hostId(), users.uids().size(), users.gids().hostId(), users.gids().size());
        Path below = lowers().headOption().getOrElse(Path.of(upper.get()));
        try (Tree image = Tree.open(below); Tree top = Tree.open(Path.of(upper.get()))) {
            owners.give(top, image.stat());
        }
    }
}
