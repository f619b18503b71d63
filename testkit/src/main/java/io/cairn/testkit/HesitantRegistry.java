package io.cairn.testkit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.cairn.testkit.OciImage.Blob;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** A registry on loopback with one image, by whatever name it is asked for, that sends its layers as a test lets it. */
public final class HesitantRegistry implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final OciImage image;
    private final Map<String, Blob> blobs;
    private final Map<String, Integer> layers;
    private final Pace pace;

    /** Asked in the middle of each answer with a layer. */
    @FunctionalInterface
    public interface Pace {
        /**
         * Returns when the second half is to be sent.
         *
         * @param layer its number, the lowest is 0
         * @throws Exception to send no more; the connection is closed
         */
        void beforeSecondHalf(int layer) throws Exception;
    }

    private HesitantRegistry(HttpServer server, OciImage image, Pace pace) {
        this.server = server;
        this.image = image;
        this.blobs = Stream.concat(image.layers().stream(), Stream.of(image.config()))
                .collect(Collectors.toMap(Blob::digest, Function.identity()));
        this.layers = IntStream.range(0, image.layers().size()).boxed()
                .collect(Collectors.toMap(i -> image.layers().get(i).digest(), i -> i));
        this.pace = pace;
    }

    public static HesitantRegistry start(OciImage image, Pace pace) throws IOException {
        var registry = new HesitantRegistry(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0), image, pace);
        registry.server.setExecutor(registry.threads);
        registry.server.createContext("/v2/", registry::answer);
        registry.server.start();
        return registry;
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String asked = path.substring(path.lastIndexOf('/') + 1);
            if (path.contains("/blobs/") && blobs.containsKey(asked)) {
                send(exchange, blobs.get(asked));
            } else if (path.contains("/manifests/")) {
                exchange.getResponseHeaders().set("Docker-Content-Digest", image.digest());
                send(exchange, image.manifest());
            } else {
                exchange.sendResponseHeaders(path.equals("/v2/") ? 200 : 404, -1);
            }
        }
    }

    private void send(HttpExchange exchange, Blob blob) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", blob.mediaType());
        if (exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseHeaders().set("Content-Length", Integer.toString(blob.bytes().length));
            exchange.sendResponseHeaders(200, -1);
            return;
        }
        int from = from(exchange.getRequestHeaders().getFirst("Range"));
        int length = blob.bytes().length;
        if (from > 0) {
            exchange.getResponseHeaders().set("Content-Range", "bytes %d-%d/%d".formatted(from, length - 1, length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, length - from);
        int half = from + (length - from) / 2;
        var out = exchange.getResponseBody();
        out.write(blob.bytes(), from, half - from);
        out.flush();
        if (layers.containsKey(blob.digest())) {
            await(layers.get(blob.digest()));
        }
        out.write(blob.bytes(), half, length - half);
    }

    private void await(int layer) throws IOException {
        try {
            pace.beforeSecondHalf(layer);
        } catch (Exception e) {
            throw new IOException("Layer " + layer + " is not sent to its end", e);
        }
    }

    /** Of {@code bytes=N-}, as clients ask for the rest of what they have begun (RFC 9110, 14.2). */
    private static int from(String range) {
        return range == null ? 0 : Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
    }

    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
