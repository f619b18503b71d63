package io.cairn.core.metrics;

/** Where the numbers go. Thread-safe; every method is quick and throws nothing. */
public interface Metrics {
    /** Counts nothing. */
    Metrics NONE = new Metrics() {
        @Override
        public void callServed(String method, String status, long latencyNanos) {}

        @Override
        public void pullReceived(long bytes) {}

        @Override
        public void pullEnded(String outcome, long durationNanos) {}

        @Override
        public void journalSynced(long latencyNanos) {}
    };

    /** @param status name of the gRPC status code, {@code OK} for a call that was answered */
    void callServed(String method, String status, long latencyNanos);

    /** Some bytes of layers came from a registry. */
    void pullReceived(long bytes);

    /** @param outcome {@code ok}, or the kind of the failure in lower case */
    void pullEnded(String outcome, long durationNanos);

    /** Everything that was appended to the event journal is on stable storage. */
    void journalSynced(long latencyNanos);
}
