package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Layers in the directories of an image store. */
record StoreHome(StoreParts parts) implements LayerHome<Path, LayerInfo> {
    @Override
    public Option<LayerInfo> ready(Digest chainId) throws IOException {
        return parts.layers().look(chainId) instanceof LayerState.Ready(LayerInfo info) ? Option.some(info) : Option.none();
    }

    @Override
    public BlobPlace<Path> place() {
        return new SpoolPlace(parts.dirs());
    }

    @Override
    public LayerInfo unpack(Digest chainId, Digest diffId, Vector<LayerInfo> lowers, Path packed) throws IOException, InterruptedException {
        return parts.unpackers().run(stop -> {
            if (parts.layers().look(chainId) instanceof LayerState.Damaged) {
                parts.layers().retire(chainId);
            }
            try (InputStream in = Files.newInputStream(packed)) {
                return parts.layers().unpack(chainId, diffId, lowers, in, stop);
            }
        });
    }

    @Override
    public LayerJobs jobs() {
        return parts.jobs();
    }

    @Override
    public Option<Path> root() {
        return Option.some(parts.dirs().root);
    }
}
