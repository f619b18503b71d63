package io.cairn.core.cri;

import io.cairn.core.metrics.Metrics;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;

/** Remembers what was counted. */
final class CountingMetrics implements Metrics {
    final List<String> calls = new CopyOnWriteArrayList<>();
    final List<String> pulls = new CopyOnWriteArrayList<>();
    final AtomicLong pulledBytes = new AtomicLong();
    final AtomicLong syncs = new AtomicLong();

    @Override
    public void callServed(String method, String status, long latencyNanos) {
        calls.add(method + " " + status);
    }

    @Override
    public void pullReceived(long bytes) {
        pulledBytes.addAndGet(bytes);
    }

    @Override
    public void pullEnded(String outcome, long durationNanos) {
        pulls.add(outcome);
    }

    @Override
    public void journalSynced(long latencyNanos) {
        syncs.incrementAndGet();
    }
}
