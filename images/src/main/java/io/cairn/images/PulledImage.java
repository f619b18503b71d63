package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;

/**
 * The outcome of a pull.
 *
 * @param reference what was asked for
 * @param digest what the reference stood for: of the index where there is one, the digest users see and pin
 * @param manifestDigest of the manifest of this machine's platform
 * @param downloadBytes of all its layers, compressed, whether they had to be downloaded or not
 */
public record PulledImage(ImageReference reference, Digest digest, Digest manifestDigest, long downloadBytes, StoredImage image) {
    /** {@code registry/repository@digest}, as CRI lists it under repo_digests. */
    public String repoDigest() {
        return reference.at(digest).toString();
    }
}
