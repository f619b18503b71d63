package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.cairn.images.registry.RemoteImage;
import io.vavr.collection.Vector;

/**
 * An image that was found and may be pulled, its documents checked.
 *
 * @param configJson its configuration, byte for byte
 * @param chainIds names of its stacks of layers, the lowest first
 */
public record FoundImage(RemoteImage remote, byte[] configJson, ImageConfig config, Vector<Digest> chainIds) {}
