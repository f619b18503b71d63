package io.cairn.images.registry;

import io.vavr.collection.Vector;

/**
 * An image as a registry has it, for one platform.
 *
 * @param target what the reference stands for: the index where there is one, and so with the digest that users see and pin
 * @param manifestDigest of the manifest of this platform; that of {@code target} where there is no index
 * @param documents the index, if any, and the manifest, in the order they were read
 * @param config its digest is the image id
 * @param layers the lowest first
 * @param platformIsKnown whether an index told the platform; else the configuration has to be looked at
 */
public record RemoteImage(ImageReference reference, Descriptor target, Digest manifestDigest, Vector<Document> documents, Descriptor config,
        Vector<Descriptor> layers, boolean platformIsKnown) {
    /** An index or manifest, byte for byte, and the digest it was checked against. */
    public record Document(Digest digest, byte[] content) {}

    public Digest digest() {
        return target.digest();
    }

    /** Of all layers together, compressed. */
    public long layerBytes() {
        return layers.map(Descriptor::sizeBytes).sum().longValue();
    }
}
