package io.cairn.core.driver;

/** Told how a pull goes on, on any thread. Must be quick and must not throw. */
@FunctionalInterface
public interface PullObserver {
    PullObserver NONE = (receivedBytes, totalBytes) -> {};

    /**
     * Some bytes of layers came in.
     *
     * @param receivedBytes of all layers so far; goes back when a download has to start anew
     * @param totalBytes of all layers that are being downloaded; grows when more turn out to be missing
     */
    void received(long receivedBytes, long totalBytes);
}
