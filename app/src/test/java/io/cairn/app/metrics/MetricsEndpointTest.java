package io.cairn.app.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import org.junit.jupiter.api.Test;

class MetricsEndpointTest {
    private static final InetSocketAddress ANY_PORT = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);

    @Test
    void the_numbers_are_served_as_prometheus_reads_them() throws Exception {
        var metrics = new PrometheusMetrics();
        metrics.callServed("ListImages", "OK", 3_000_000);
        metrics.callServed("ListImages", "OK", 3_000_000);
        metrics.callServed("PullImage", "NOT_FOUND", 1);
        metrics.pullReceived(1000);
        metrics.pullReceived(24);
        metrics.pullEnded("ok", 7_000_000_000L);
        metrics.journalSynced(200_000);

        try (MetricsEndpoint endpoint = MetricsEndpoint.open(ANY_PORT, metrics); HttpClient client = HttpClient.newHttpClient()) {
            String text = client.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + "/metrics")).build(),
                    BodyHandlers.ofString()).body();

            assertThat(text.lines()).contains(
                    "cairn_calls_total{method=\"ListImages\",status=\"OK\"} 2.0",
                    "cairn_calls_total{method=\"PullImage\",status=\"NOT_FOUND\"} 1.0",
                    "cairn_call_duration_seconds_bucket{method=\"ListImages\",le=\"0.001\"} 0",
                    "cairn_call_duration_seconds_bucket{method=\"ListImages\",le=\"0.005\"} 2",
                    "cairn_pull_received_bytes_total 1024.0",
                    "cairn_pull_duration_seconds_count{outcome=\"ok\"} 1",
                    "cairn_pull_duration_seconds_bucket{outcome=\"ok\",le=\"5.0\"} 0",
                    "cairn_journal_sync_duration_seconds_count 1");
        }
    }

    @Test
    void an_address_that_is_taken_is_an_error() throws Exception {
        try (MetricsEndpoint first = MetricsEndpoint.open(ANY_PORT, new PrometheusMetrics())) {
            var taken = new InetSocketAddress(InetAddress.getLoopbackAddress(), first.port());
            assertThatThrownBy(() -> MetricsEndpoint.open(taken, new PrometheusMetrics())).isInstanceOf(IOException.class);
        }
    }
}
