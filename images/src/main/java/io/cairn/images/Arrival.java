package io.cairn.images;

import io.cairn.images.registry.BlobSink;
import java.io.IOException;

/**
 * A blob on its way to where blobs are kept.
 *
 * @param <T> how the blob is found there
 */
public interface Arrival<T> extends BlobSink, AutoCloseable {
    /** All of it came, and its digest is the right one: keeps it. */
    T arrived() throws IOException;

    /** What has not {@link #arrived} is thrown away. */
    @Override
    void close() throws IOException;
}
