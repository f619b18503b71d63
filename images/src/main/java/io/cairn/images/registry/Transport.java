package io.cairn.images.registry;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.nio.channels.UnresolvedAddressException;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLException;

/** Sends single requests to one host with its TLS and time-outs; follows nothing and retries nothing. */
final class Transport implements AutoCloseable {
    /** An answer; its body must be read to the end or closed. */
    record Answer(int status, HttpHeaders headers, URI uri, InputStream body) implements AutoCloseable {
        String header(String name) {
            return headers.firstValue(name).orElse("");
        }

        /** Reads a body that is short to its end, since only then the connection serves the next request. */
        void drain() throws IOException {
            body.readNBytes(RegistryLimits.MAX_ERROR_BYTES);
        }

        @Override
        public void close() throws IOException {
            body.close();
        }
    }

    private final HttpClient client;
    private final RegistryOptions options;

    /** @throws IOException when a certificate cannot be used */
    Transport(Tls tls, int connectTimeoutMillis, RegistryOptions options) throws IOException {
        this.options = options;
        // HTTP/1.1: each layer has a connection of its own, so that a slow one does not stop the others.
        this.client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(connectTimeoutMillis))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .sslContext(TlsContexts.of(tls))
                .proxy(new EnvironmentProxies(options.environment()))
                .build();
    }

    /** Waits for the head of the answer. */
    Answer send(HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpRequest ready = request.timeout(Duration.ofMillis(options.responseTimeoutMillis()))
                .setHeader("User-Agent", "cairn")
                .build();
        var answer = client.send(ready, info -> new StallingBody(options.stallTimeoutMillis()));
        return new Answer(answer.statusCode(), answer.headers(), answer.uri(), answer.body());
    }

    /** In words, since the JDK's exceptions often come without any. */
    static String describe(IOException failure) {
        String message = failure.getMessage() == null ? "" : ": " + Shown.text(failure.getMessage(), 300);
        return switch (failure) {
            case HttpConnectTimeoutException e -> "connecting timed out";
            case HttpTimeoutException e -> "timed out" + message;
            case ConnectException e when hasCause(e, UnresolvedAddressException.class) -> "the host name cannot be resolved";
            case ConnectException e -> "the connection was refused" + message;
            case SSLException e -> "TLS failed" + message;
            case IOException e -> e.getClass().getSimpleName() + message;
        };
    }

    private static boolean hasCause(Throwable failure, Class<? extends Throwable> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
