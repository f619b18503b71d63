package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Where the layers of images live, and how they get there. Thread-safe.
 *
 * @param <T> a layer that was downloaded, on its way
 * @param <L> a layer that is there
 */
public interface LayerHome<T, L> {
    /** A layer that is there, whole. */
    Option<L> ready(Digest chainId) throws IOException;

    /** Where layers go before they are unpacked. */
    BlobPlace<T> place();

    /**
     * Unpacks a layer that was downloaded, on top of others; it is there and lasts when this returns.
     *
     * @param lowers those below it, the lowest first
     * @throws BadLayerException when the layer itself is at fault
     */
    L unpack(Digest chainId, Digest diffId, Vector<L> lowers, T packed) throws IOException, InterruptedException;

    /** Which pull brings which layer; one for all pulls. */
    LayerJobs jobs();

    /** A directory on the file system that they take space on; none where nobody knows. */
    Option<Path> root();
}
