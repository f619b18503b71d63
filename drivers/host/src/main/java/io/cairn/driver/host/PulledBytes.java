package io.cairn.driver.host;

import io.cairn.core.driver.PullObserver;
import io.cairn.images.PullProgress;
import io.cairn.images.registry.Digest;
import java.util.HashMap;
import java.util.Map;

/** Sums up what the downloads of one pull have brought. Thread-safe. */
public final class PulledBytes implements PullProgress {
    private final PullObserver observer;
    private final Map<Digest, Long> receivedBytes = new HashMap<>();
    private long sumBytes;
    private long totalBytes;

    public PulledBytes(PullObserver observer) {
        this.observer = observer;
    }

    @Override
    public synchronized void planned(long bytes) {
        totalBytes += bytes;
    }

    @Override
    public synchronized void downloaded(Digest layer, long received, long total) {
        Long before = receivedBytes.put(layer, received);
        sumBytes += received - (before == null ? 0 : before);
        observer.received(sumBytes, totalBytes);
    }
}
