package io.cairn.app.metrics;

import io.prometheus.metrics.exporter.httpserver.HTTPServer;
import java.io.IOException;
import java.net.InetSocketAddress;

/** Serves the numbers over HTTP, under {@code /metrics}. */
public final class MetricsEndpoint implements AutoCloseable {
    private final HTTPServer server;

    private MetricsEndpoint(HTTPServer server) {
        this.server = server;
    }

    /** @param address port 0 for any that is free */
    public static MetricsEndpoint open(InetSocketAddress address, PrometheusMetrics metrics) throws IOException {
        return new MetricsEndpoint(HTTPServer.builder().inetAddress(address.getAddress()).port(address.getPort())
                .registry(metrics.registry()).buildAndStart());
    }

    int port() {
        return server.getPort();
    }

    @Override
    public void close() {
        server.close();
    }
}
