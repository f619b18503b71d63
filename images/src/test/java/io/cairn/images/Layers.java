package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Path;

/** A layer store in a directory of a test, and one stack of layers in it. */
final class Layers implements AutoCloseable {
    final StoreDirs dirs;
    final StoreParts parts;
    final LayerStore store;
    final Snapshots snapshots;
    Vector<LayerInfo> stack = Vector.empty();

    Layers(Path root) throws IOException {
        dirs = StoreDirs.open(root);
        parts = StoreParts.over(dirs);
        store = parts.layers();
        snapshots = new Snapshots(parts);
    }

    /** Unpacks a layer onto those that are there. */
    Path add(byte[] tar) throws IOException {
        return add(tar, tar);
    }

    /** @param packed the same layer, compressed */
    Path add(byte[] packed, byte[] tar) throws IOException {
        Digest diffId = Digest.of(tar);
        Digest chainId = ChainIds.of(stack.map(LayerInfo::diffId).append(diffId)).last();
        LayerInfo info = store.unpack(chainId, diffId, stack, new ByteArrayInputStream(packed), () -> false);
        stack = stack.append(info);
        return store.fs(chainId);
    }

    Vector<Digest> chainIds() {
        return stack.map(LayerInfo::chainId);
    }

    Path fs(int layer) {
        return store.fs(stack.get(layer).chainId());
    }

    @Override
    public void close() throws IOException {
        snapshots.list().get().forEach(snapshots::remove);
        parts.unpackers().close();
        dirs.close();
    }
}
