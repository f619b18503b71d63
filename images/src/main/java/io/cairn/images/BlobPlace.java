package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.function.LongConsumer;

/**
 * Where the layers of a pull go. Thread-safe: several arrive at the same time.
 *
 * @param <T> how one is found there
 */
public interface BlobPlace<T> {
    /** One that is there already and need not be downloaded. */
    Option<T> find(Descriptor blob) throws IOException;

    /** @param received told the length so far, as bytes come in */
    Arrival<T> open(Descriptor blob, LongConsumer received) throws IOException;

    /** Nobody wants one that arrived: it may be thrown away. */
    void discard(T blob);

    /** This machine could not keep one. @param reason in words */
    StoreFailure failed(String reason);
}
