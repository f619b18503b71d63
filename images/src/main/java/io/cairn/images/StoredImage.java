package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;

/**
 * An image as the store has it, whole.
 *
 * @param imageId the digest of its configuration
 * @param chainIds what {@link Snapshots#prepare} takes; the lowest layer first
 * @param sizeBytes what its layers and its configuration take on disk, those it shares with other images included
 * @param configJson the configuration, byte for byte
 */
public record StoredImage(Digest imageId, ImageConfig config, Vector<Digest> chainIds, long sizeBytes, byte[] configJson) {}
