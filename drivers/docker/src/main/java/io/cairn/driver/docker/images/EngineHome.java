package io.cairn.driver.docker.images;

import io.cairn.images.BlobPlace;
import io.cairn.images.LayerHome;
import io.cairn.images.LayerJobs;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where the layers of one pull are to be: in the engine already, or as files that it will be given.
 *
 * @param there chain ids of what the engine had when the pull looked
 */
record EngineHome(LayerFiles files, LayerJobs jobs, Set<Digest> there) implements LayerHome<Path, EngineHome.Layer> {
    /** @param file none: the engine has it */
    record Layer(Digest chainId, Option<Path> file) {}

    @Override
    public Option<Layer> ready(Digest chainId) {
        return there.contains(chainId) ? Option.some(new Layer(chainId, Option.none()))
                : files.get(chainId).map(file -> new Layer(chainId, Option.some(file)));
    }

    @Override
    public BlobPlace<Path> place() {
        return files;
    }

    @Override
    public Layer unpack(Digest chainId, Digest diffId, Vector<Layer> lowers, Path packed) throws IOException {
        return new Layer(chainId, Option.some(files.keep(chainId, diffId, packed)));
    }

    /** The engine takes space on a disk of its own. */
    @Override
    public Option<Path> root() {
        return Option.some(files.directory());
    }
}
