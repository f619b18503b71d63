package io.cairn.images.registry;

/**
 * Points to content in a repository (OCI image-spec, descriptor.md).
 *
 * @param sizeBytes 0 or more, as the manifest claims; reading more or fewer bytes is an error
 */
public record Descriptor(String mediaType, Digest digest, long sizeBytes) {
    public Descriptor {
        if (sizeBytes < 0) {
            throw new IllegalArgumentException("Expected a size of 0 or more, but got " + sizeBytes + " for " + digest);
        }
    }
}
