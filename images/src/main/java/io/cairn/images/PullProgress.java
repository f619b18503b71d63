package io.cairn.images;

import io.cairn.images.registry.Digest;

/** Told how a pull goes on. Called from the threads that do the work, so it should be quick; it must not throw. */
public interface PullProgress {
    PullProgress NONE = new PullProgress() {};

    /** Layers of this size together will be downloaded, besides those told before. */
    default void planned(long bytes) {}

    /** Some bytes of a layer came in. A download that has to start anew goes back to few. */
    default void downloaded(Digest layer, long receivedBytes, long totalBytes) {}

    /** A layer is unpacked and on stable storage. */
    default void unpacked(Digest layer) {}

    /** A layer was here already, or another pull brought it. */
    default void present(Digest layer) {}
}
