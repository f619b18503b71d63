package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.cairn.linux.FileStat;
import io.cairn.linux.Mounts;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashSet;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Root file systems on top of layers, by overlayfs: one for each container, under the caller's key.
 *
 * <p>All calls are idempotent, and each can be repeated after a crash at any point. A snapshot is not synced: no container
 * outlives a loss of power, and {@link #remove} takes whatever is left of one. Thread-safe; calls for the same key must not
 * run at the same time.
 */
public final class Snapshots {
    /** Container ids and the like: also a directory name, and so part of a mount's source. */
    private static final Pattern KEY = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");
    private static final int ROOT_PERMISSIONS = 0755;

    private final StoreParts parts;
    private final SnapshotMount mounting;

    Snapshots(StoreParts parts) {
        this(parts, SnapshotMount.OwnerMapper.KERNEL);
    }

    Snapshots(StoreParts parts, SnapshotMount.OwnerMapper mapper) {
        this.parts = parts;
        this.mounting = new SnapshotMount(parts, mapper);
    }

    /** @param bytes and {@code inodes} of what was written above the layers, the root directory included */
    public record Usage(long bytes, long inodes) {
        /** Looks at every file of a directory in which such things are written; no link is followed. */
        public static Usage of(Path upper) throws IOException {
            var counted = new HashSet<Long>();
            var bytes = new long[1];
            Tree root = Tree.open(upper);
            count(root.stat(), counted, bytes);
            TreeWalk.visit(root, (path, stat) -> count(stat, counted, bytes));
            return new Usage(bytes[0], counted.size());
        }

        private static void count(FileStat stat, Set<Long> counted, long[] bytes) {
            if (counted.add(stat.inode())) {
                bytes[0] += stat.allocatedBytes();
            }
        }
    }

    /** Makes a snapshot that can be written to. @param chainIds the lowest layer first; none gives an empty root */
    public Either<StoreFailure, String> prepare(String key, Vector<Digest> chainIds) {
        return prepare(key, chainIds, Option.none());
    }

    /** The same, for a pod with users of its own. @param owners of its files, where they are not those of the image */
    public Either<StoreFailure, String> prepare(String key, Vector<Digest> chainIds, Option<Owners> owners) {
        return make(key, new SnapshotInfo(true, chainIds, owners));
    }

    /** Makes a snapshot that only shows its layers, for an image that is mounted as a volume. */
    public Either<StoreFailure, String> view(String key, Vector<Digest> chainIds) {
        return view(key, chainIds, Option.none());
    }

    /** The same, for a pod with users of its own. */
    public Either<StoreFailure, String> view(String key, Vector<Digest> chainIds, Option<Owners> owners) {
        return make(key, new SnapshotInfo(false, chainIds, owners));
    }

    private Either<StoreFailure, String> make(String key, SnapshotInfo wanted) {
        if (!KEY.matcher(key).matches()) {
            return Either.left(new StoreFailure(StoreFailure.Kind.INVALID,
                    "Expected a snapshot key of 1 to 128 letters, digits, '_', '.' and '-', but got '" + RawPath.shown(key) + "'"));
        }
        try (Pins.Pin pin = parts.pins().hold()) {
            pin.add(wanted.chainIds());
            if (Files.exists(directory(key))) {
                return existing(key).flatMap(found -> found.equals(wanted)
                        ? Either.right(key)
                        : Either.left(new StoreFailure(StoreFailure.Kind.CONFLICT,
                                "snapshot " + key + " exists with other layers or another kind")));
            }
            Either<StoreFailure, Vector<LayerInfo>> layers = LayerStack.ready(parts.layers(), wanted.chainIds());
            if (layers.isRight()) {
                create(key, wanted);
            }
            return layers.map(ready -> key);
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("preparing snapshot " + key, directory(key), e));
        }
    }

    private void create(String key, SnapshotInfo info) throws IOException {
        Path making = Durable.directory(parts.dirs().ingest());
        if (info.isWritable()) {
            Path upper = Durable.directory(making.resolve("fs"));
            Durable.directory(making.resolve("work"));
            try (Tree root = Tree.open(upper)) {
                if (info.chainIds().isEmpty()) {
                    root.chmod(ROOT_PERMISSIONS);
                } else {
                    // overlayfs shows the attributes of the topmost directory: those of the image, not those of a fresh one.
                    try (Tree below = Tree.open(parts.layers().fs(info.chainIds().last()))) {
                        LayerDirs.copyAttributes(below, root);
                    }
                }
                if (info.owners().isDefined()) {
                    FileStat inImage = root.stat();
                    info.owners().get().give(root, inImage);
                }
            }
        }
        Durable.writeNew(making.resolve(SnapshotInfo.FILE), info.toJson(), false);
        Files.move(making, directory(key), StandardCopyOption.ATOMIC_MOVE);
    }

    /**
     * Mounts a snapshot; nothing is done when it is mounted there already.
     *
     * @param target an existing directory
     * @param readOnly a writable snapshot, too, can be mounted so; a view always is
     */
    public Either<StoreFailure, Path> mount(String key, Path target, boolean readOnly) {
        return mount(key, target, readOnly, Option.none());
    }

    /**
     * The same, for a snapshot with owners of its own.
     *
     * @param userNamespace a file of the namespace that has those owners; needed only when it is not mounted yet
     */
    public Either<StoreFailure, Path> mount(String key, Path target, boolean readOnly, Option<Path> userNamespace) {
        try {
            Path real = target.toRealPath();
            Vector<Mounts.Entry> mounted = mountsOf(key);
            if (mounted.exists(entry -> entry.target().equals(real))) {
                return Either.right(real);
            }
            Either<StoreFailure, SnapshotInfo> info = existing(key);
            if (info.isRight() && info.get().isWritable() && !mounted.isEmpty()) {
                return Either.left(new StoreFailure(StoreFailure.Kind.CONFLICT,
                        "snapshot %s is mounted at %s, and cannot be written from %s as well".formatted(key, mounted.head()
                                .target(), real)));
            }
            return info.flatMap(found -> mount(key, found, real, readOnly, userNamespace));
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("mounting snapshot " + key, target, e));
        }
    }

    private Either<StoreFailure, Path> mount(String key, SnapshotInfo info, Path target, boolean readOnly, Option<Path> userNamespace) {
        try {
            Either<StoreFailure, Vector<LayerInfo>> layers = LayerStack.ready(parts.layers(), info.chainIds());
            if (layers.isLeft()) {
                return Either.left(layers.getLeft());
            }
            mounting.mount(key, info, layers.get(), target, readOnly, userNamespace);
            return Either.right(target);
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("mounting snapshot " + key, target, e));
        }
    }

    /** Unmounts a snapshot wherever it is mounted; what is open in it goes away when it is closed. */
    public Either<StoreFailure, String> unmount(String key) {
        if (!KEY.matcher(key).matches()) {
            return Either.right(key);
        }
        try {
            for (Mounts.Entry entry : mountsOf(key)) {
                Mounts.unmount(entry.target());
            }
            mounting.detachLayers(key);
            return Either.right(key);
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("unmounting snapshot " + key, directory(key), e));
        }
    }

    /** Unmounts and deletes a snapshot; one that is not there, or not whole, is no error. */
    public Either<StoreFailure, String> remove(String key) {
        if (!KEY.matcher(key).matches()) {
            return Either.right(key);
        }
        return unmount(key).flatMap(unmounted -> {
            try {
                if (Files.exists(directory(key))) {
                    try (Tree parent = Tree.open(parts.dirs().snapshots)) {
                        parts.dirs().trash.take(parent, RawPath.bytes(key));
                    }
                }
                parts.dirs().emptyTrash();
                return Either.right(key);
            } catch (IOException e) {
                return Either.left(StoreFailure.storage("removing snapshot " + key, directory(key), e));
            }
        });
    }

    /** The keys of all snapshots, damaged ones included. */
    public Either<StoreFailure, Vector<String>> list() {
        try {
            return Either.right(keys());
        } catch (IOException e) {
            return Either.left(StoreFailure.storage("listing snapshots", parts.dirs().snapshots, e));
        }
    }

    /** Looks at every file above the layers: for a large one this takes a while. A view takes nothing. */
    public Either<StoreFailure, Usage> usage(String key) {
        return existing(key).flatMap(info -> {
            try {
                return Either.right(info.isWritable() ? Usage.of(directory(key).resolve("fs")) : new Usage(0, 0));
            } catch (IOException e) {
                return Either.left(StoreFailure.storage("measuring snapshot " + key, directory(key), e));
            }
        });
    }

    /**
     * Writes what is above the layers into a tar archive.
     *
     * @param archive a file that is not there
     * @return what of the layers was taken away, by its path from the root
     */
    public Either<StoreFailure, Vector<String>> export(String key, Path archive) {
        return writable(key).flatMap(info -> {
            try {
                return Either.right(SnapshotDiff.write(directory(key).resolve("fs"), archive));
            } catch (IOException e) {
                return Either.left(StoreFailure.storage("writing what is above the layers of snapshot " + key, archive, e));
            }
        });
    }

    /**
     * Puts into a snapshot that was not mounted yet what {@link #export} or another runtime wrote of one.
     *
     * @param archive of files, in which whiteouts are those of an image's layer
     * @param deleted what is to be taken away, by its path from the root
     */
    public Either<StoreFailure, String> apply(String key, Option<Path> archive, Vector<String> deleted) {
        return writable(key).flatMap(info -> {
            try {
                Either<StoreFailure, Vector<LayerInfo>> layers = LayerStack.ready(parts.layers(), info.chainIds());
                if (layers.isRight()) {
                    apply(directory(key).resolve("fs"), layers.get(), archive, deleted);
                }
                return layers.map(ready -> key);
            } catch (IOException e) {
                return Either.left(StoreFailure.storage("putting an archive into snapshot " + key, directory(key), e));
            }
        });
    }

    private void apply(Path upper, Vector<LayerInfo> layers, Option<Path> archive, Vector<String> deleted) throws IOException {
        Vector<Path> below = LayerStore.visible(layers).map(layer -> parts.layers().fs(layer.chainId()));
        SnapshotDiff.apply(upper, below, parts.dirs().trash, archive, deleted);
        parts.dirs().emptyTrash();
    }

    private Either<StoreFailure, SnapshotInfo> writable(String key) {
        return existing(key).filterOrElse(SnapshotInfo::isWritable,
                info -> new StoreFailure(StoreFailure.Kind.INVALID, "snapshot " + key + " cannot be written to"));
    }

    /** Layers that some snapshot stands on. What a damaged snapshot stood on cannot be known; it cannot be mounted either. */
    Set<Digest> chainIdsInUse() throws IOException {
        var used = new HashSet<Digest>();
        for (String key : keys()) {
            existing(key).forEach(info -> info.chainIds().forEach(used::add));
        }
        return used;
    }

    private Vector<String> keys() throws IOException {
        try (Stream<Path> files = Files.list(parts.dirs().snapshots)) {
            return Vector.ofAll(files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private Either<StoreFailure, SnapshotInfo> existing(String key) {
        if (!KEY.matcher(key).matches() || !Files.isDirectory(directory(key))) {
            return Either.left(new StoreFailure(StoreFailure.Kind.MISSING, "there is no snapshot '" + RawPath.shown(key) + "'"));
        }
        try {
            return Either.right(SnapshotInfo.fromJson(Files.readAllBytes(directory(key).resolve(SnapshotInfo.FILE))));
        } catch (IOException e) {
            return Either.left(new StoreFailure(StoreFailure.Kind.DAMAGED,
                    "snapshot " + key + " is damaged: " + StoreFailure.reason(e) + "; remove it and prepare it anew"));
        }
    }

    private Vector<Mounts.Entry> mountsOf(String key) throws IOException {
        return Vector.ofAll(Mounts.table()).filter(entry -> entry.type().equals("overlay") && entry.source().equals(mounting.source(key)));
    }

    private Path directory(String key) {
        return parts.dirs().snapshots.resolve(key);
    }
}
