package io.cairn.app.metrics;

import io.cairn.core.metrics.Metrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Unit;

/** Keeps the numbers for {@link MetricsEndpoint}. Labels have few values each: methods of CRI, status codes, kinds of failure. */
public final class PrometheusMetrics implements Metrics {
    private static final double[] CALL_SECONDS = {0.001, 0.005, 0.02, 0.1, 0.5, 2, 10, 60};
    private static final double[] PULL_SECONDS = {1, 5, 15, 60, 300, 900, 3600};
    private static final double[] SYNC_SECONDS = {0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 1};

    private final PrometheusRegistry registry = new PrometheusRegistry();
    private final Counter calls = Counter.builder().name("cairn_calls_total").help("CRI calls that were served.")
            .labelNames("method", "status").register(registry);
    private final Histogram callSeconds = histogram("cairn_call_duration_seconds", "Time from a CRI call to its answer.", CALL_SECONDS, "method");
    private final Counter pullBytes = Counter.builder().name("cairn_pull_received_bytes_total").help("Bytes of layers that came from registries.")
            .register(registry);
    private final Histogram pullSeconds = histogram("cairn_pull_duration_seconds", "Time of a pull, by how it ended: ok, or why not.",
            PULL_SECONDS, "outcome");
    private final Histogram syncSeconds = histogram("cairn_journal_sync_duration_seconds", "Time to bring the event journal to stable storage.",
            SYNC_SECONDS);

    private Histogram histogram(String name, String help, double[] bounds, String... labels) {
        return Histogram.builder().name(name).help(help).unit(Unit.SECONDS).classicOnly().classicUpperBounds(bounds).labelNames(labels)
                .register(registry);
    }

    PrometheusRegistry registry() {
        return registry;
    }

    @Override
    public void callServed(String method, String status, long latencyNanos) {
        calls.labelValues(method, status).inc();
        callSeconds.labelValues(method).observe(Unit.nanosToSeconds(latencyNanos));
    }

    @Override
    public void pullReceived(long bytes) {
        pullBytes.inc(bytes);
    }

    @Override
    public void pullEnded(String outcome, long durationNanos) {
        pullSeconds.labelValues(outcome).observe(Unit.nanosToSeconds(durationNanos));
    }

    @Override
    public void journalSynced(long latencyNanos) {
        syncSeconds.observe(Unit.nanosToSeconds(latencyNanos));
    }
}
