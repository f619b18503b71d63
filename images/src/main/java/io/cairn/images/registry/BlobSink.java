package io.cairn.images.registry;

import java.io.IOException;

/**
 * Takes a blob as it arrives. What it was given may be believed only once the download has ended well, as the digest is
 * known only then.
 */
public interface BlobSink {
    /** Forgets all that came so far: the blob comes anew from its first byte. */
    void restart() throws IOException;

    void write(byte[] bytes, int length) throws IOException;
}
