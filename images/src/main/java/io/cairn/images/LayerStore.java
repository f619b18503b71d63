package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacked layers by chain id, each there as a whole or not at all: unpacked aside, described, synced, and renamed into
 * place. The packed blob is not kept: it would take as much again as it saves on the one rare day a layer is damaged, when
 * it can be pulled anew.
 *
 * <p>The first time this process uses a layer, all its entries are compared with what was recorded; so one that lost files
 * to a crash, a broken disk or a hand is found damaged rather than used. Thread-safe, but one layer may be unpacked by one
 * thread only.
 */
final class LayerStore {
    private static final Logger LOG = LoggerFactory.getLogger(LayerStore.class);
    private static final String INFO = "layer.json";
    private static final String FS = "fs";

    private final StoreDirs dirs;
    private final Set<Digest> compared = ConcurrentHashMap.newKeySet();

    LayerStore(StoreDirs dirs) {
        this.dirs = dirs;
    }

    LayerState look(Digest chainId) throws IOException {
        LayerState state = describe(chainId);
        if (!(state instanceof LayerState.Ready(LayerInfo info)) || compared.contains(chainId)) {
            return state;
        }
        LayerInfo found = LayerInfo.measure(chainId, info.diffId(), info.isRootOpaque(), fs(chainId));
        if (found.entries() != info.entries() || found.fingerprint() != info.fingerprint()) {
            return new LayerState.Damaged("it has %d entries where %d were recorded, or they changed"
                    .formatted(found.entries(), info.entries()));
        }
        compared.add(chainId);
        return state;
    }

    /** What was recorded, without looking at the content. */
    LayerState describe(Digest chainId) throws IOException {
        Path directory = directory(chainId);
        if (!Files.isDirectory(directory)) {
            return new LayerState.Missing();
        }
        try {
            LayerInfo info = LayerInfo.fromJson(Files.readAllBytes(directory.resolve(INFO)));
            if (!info.chainId().equals(chainId)) {
                return new LayerState.Damaged("its description is that of " + info.chainId());
            }
            return Files.isDirectory(fs(chainId)) ? new LayerState.Ready(info) : new LayerState.Damaged("its content is gone");
        } catch (NoSuchFileException e) {
            return new LayerState.Damaged("its description is gone");
        } catch (IOException e) {
            return new LayerState.Damaged("its description cannot be read: " + StoreFailure.reason(e));
        }
    }

    /**
     * Unpacks a layer that is missing.
     *
     * @param lowers the layers below it, the lowest first, all ready
     * @param stop asked now and then; when it says so, an InterruptedIOException ends the work
     * @throws BadLayerException when the archive is at fault; any other IOException is the disk's fault
     */
    LayerInfo unpack(Digest chainId, Digest diffId, Vector<LayerInfo> lowers, InputStream packed, BooleanSupplier stop)
            throws IOException {
        Path making = Files.createDirectory(dirs.ingest());
        try {
            Path fs = Durable.directory(making.resolve(FS));
            boolean isRootOpaque = unpackInto(fs, diffId, lowers, packed, stop);
            LayerInfo info = LayerInfo.measure(chainId, diffId, isRootOpaque, fs);
            Durable.writeNew(making.resolve(INFO), info.toJson(), false);
            try (Tree tree = Tree.open(making)) {
                tree.syncFileSystem();
            }
            Files.move(making, directory(chainId), StandardCopyOption.ATOMIC_MOVE);
            Durable.syncDirectory(dirs.layers);
            compared.add(chainId);
            return info;
        } catch (IOException | RuntimeException e) {
            discard(making);
            throw e;
        }
    }

    private boolean unpackInto(Path fs, Digest diffId, Vector<LayerInfo> lowers, InputStream packed, BooleanSupplier stop)
            throws IOException {
        try (var stream = new LayerStream(packed, diffId, ImageLimits.MAX_LAYER_BYTES);
                var root = MergedDir.root(fs, visible(lowers).map(info -> fs(info.chainId())));
                var unpacker = new LayerUnpacker(root, dirs.trash)) {
            unpacker.unpack(new TarReader(stream), stop);
            byte[] hash = stream.finish(stop);
            if (!diffId.matches(hash)) {
                throw new BadLayerException("Expected the uncompressed layer to have the digest %s, but it has %s"
                        .formatted(diffId, HexFormat.of().formatHex(hash)));
            }
            return unpacker.isRootOpaque();
        } catch (LinuxException e) {
            throw ErrnoRules.isFaultOfTheLayer(e)
                    ? new BadLayerException("Expected a layer that can be unpacked, but " + e.getMessage())
                    : e;
        }
    }

    /** The layers that can be seen, the top one first: what an opaque root hides is left out. */
    static Vector<LayerInfo> visible(Vector<LayerInfo> lowestFirst) {
        int from = lowestFirst.lastIndexWhere(LayerInfo::isRootOpaque);
        return lowestFirst.drop(Math.max(from, 0)).reverse();
    }

    private void discard(Path making) {
        try (Tree parent = Tree.open(making.getParent())) {
            dirs.trash.take(parent, RawPath.bytes(making.getFileName().toString()));
            dirs.emptyTrash();
        } catch (IOException e) {
            LOG.warn("A half-unpacked layer stays at {} until the next start: {}", making, StoreFailure.reason(e));
        }
    }

    /** Takes a damaged layer out of the way. Running containers may stand on it: it is kept until no snapshot needs it. */
    void retire(Digest chainId) throws IOException {
        Path name = dirs.damaged.resolve(directory(chainId).getFileName() + "-" + Long.toHexString(System.nanoTime()));
        Files.move(directory(chainId), name, StandardCopyOption.ATOMIC_MOVE);
        Durable.syncDirectory(dirs.layers);
    }

    /** Every layer directory there is, damaged ones included. */
    Vector<Digest> list() throws IOException {
        return names(dirs.layers).flatMap(LayerStore::chainId);
    }

    /** Moves to the trash all that is not needed; the caller empties it. */
    void sweep(Set<Digest> needed) throws IOException {
        for (Path holder : Vector.of(dirs.layers, dirs.damaged)) {
            try (Tree tree = Tree.open(holder)) {
                for (String name : names(holder)) {
                    if (!chainId(name).exists(needed::contains)) {
                        dirs.trash.take(tree, RawPath.bytes(name));
                    }
                }
            }
        }
        compared.retainAll(needed);
    }

    private static Vector<String> names(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return Vector.ofAll(files.map(file -> file.getFileName().toString()).sorted().toList());
        }
    }

    private static Option<Digest> chainId(String name) {
        String[] parts = name.split("-");
        return parts.length < 2 ? Option.none() : Digest.parse(parts[0] + ":" + parts[1]).toOption();
    }

    Path fs(Digest chainId) {
        return directory(chainId).resolve(FS);
    }

    private Path directory(Digest chainId) {
        return dirs.layers.resolve(chainId.algorithm() + "-" + chainId.hex());
    }
}
