package io.cairn.images.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsParameters;
import com.sun.net.httpserver.HttpsServer;
import io.cairn.images.TestImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/** A registry that does what a test wants of it. What it holds is served as a sound registry would; paths can be overridden. */
public final class FakeRegistry implements AutoCloseable {
    /** One request as it came in. */
    public record Seen(String method, String path, String query, String authorization, Map<String, String> headers) {}

    /** What to do instead of serving. */
    @FunctionalInterface
    public interface Behaviour {
        void handle(HttpExchange exchange) throws IOException;
    }

    private record Document(String type, byte[] content) {}

    private final HttpServer server;
    private final Map<String, Document> documents = new ConcurrentHashMap<>();
    private final Map<String, Behaviour> behaviours = new ConcurrentHashMap<>();
    private final List<Seen> seen = new CopyOnWriteArrayList<>();
    private final CountDownLatch closing = new CountDownLatch(1);
    private volatile Behaviour guard = exchange -> { };
    private volatile boolean knowsRanges = true;

    private FakeRegistry(HttpServer server) {
        this.server = server;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::handle);
        server.start();
    }

    public static FakeRegistry start() throws IOException {
        return new FakeRegistry(HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
    }

    static FakeRegistry startTls(SSLContext context, boolean wantsClientCertificate) throws IOException {
        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(context) {
            @Override
            public void configure(HttpsParameters parameters) {
                SSLParameters ssl = context.getDefaultSSLParameters();
                ssl.setNeedClientAuth(wantsClientCertificate);
                parameters.setSSLParameters(ssl);
            }
        });
        return new FakeRegistry(server);
    }

    public String address() {
        return "127.0.0.1:" + server.getAddress().getPort();
    }

    public FakeRegistry with(String repository, String tag, TestImage image) {
        image.blobs.forEach((digest, content) -> documents.put("/v2/" + repository + "/blobs/" + digest,
                new Document("application/octet-stream", content)));
        return with(repository, tag, image.manifestType, image.manifest);
    }

    public FakeRegistry with(String repository, String tag, String type, byte[] manifest) {
        documents.put("/v2/" + repository + "/manifests/" + tag, new Document(type, manifest));
        documents.put("/v2/" + repository + "/manifests/" + Digest.of(manifest), new Document(type, manifest));
        return this;
    }

    /** Instead of what is there; may call {@link #serve}. */
    public void on(String path, Behaviour behaviour) {
        behaviours.put(path, behaviour);
    }

    /** Only the first so many requests for a path. */
    public void onFirst(int times, String path, Behaviour behaviour) {
        var left = new AtomicInteger(times);
        on(path, exchange -> {
            if (left.getAndDecrement() > 0) {
                behaviour.handle(exchange);
            } else {
                serve(exchange);
            }
        });
    }

    /** Asked before all else; an answer it gives is the answer. */
    public void guard(Behaviour behaviour) {
        guard = behaviour;
    }

    public void forgetRanges() {
        knowsRanges = false;
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public long count(String method, String pathPart) {
        return seen.stream().filter(request -> request.method().equals(method) && request.path().contains(pathPart)).count();
    }

    public static void answer(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes();
        exchange.sendResponseHeaders(status, bytes.length == 0 || exchange.getRequestMethod().equals("HEAD") ? -1 : bytes.length);
        if (!exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseBody().write(bytes);
        }
        exchange.close();
    }

    public static void redirect(HttpExchange exchange, String location) throws IOException {
        exchange.getResponseHeaders().add("Location", location);
        answer(exchange, 307, "");
    }

    /** Announces all, sends the first bytes and breaks the connection. */
    public void breakAfter(HttpExchange exchange, int bytes) throws IOException {
        byte[] content = documents.get(exchange.getRequestURI().getPath()).content();
        int from = rangeStart(exchange);
        begin(exchange, content, from);
        exchange.getResponseBody().write(content, from, Math.min(bytes, content.length - from));
        exchange.getResponseBody().flush();
        exchange.close();
    }

    /** Announces all, sends the first bytes and then nothing until the test is over. */
    public void stallAfter(HttpExchange exchange, int bytes) throws IOException {
        byte[] content = documents.get(exchange.getRequestURI().getPath()).content();
        begin(exchange, content, 0);
        exchange.getResponseBody().write(content, 0, bytes);
        exchange.getResponseBody().flush();
        untilClosed();
        exchange.close();
    }

    public void untilClosed() {
        try {
            closing.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void handle(HttpExchange exchange) throws IOException {
        var headers = new LinkedHashMap<String, String>();
        exchange.getRequestHeaders().forEach((name, values) -> headers.put(name.toLowerCase(), String.join(", ", values)));
        URI uri = exchange.getRequestURI();
        String authorization = headers.getOrDefault("authorization", "");
        seen.add(new Seen(exchange.getRequestMethod(), uri.getPath(), String.valueOf(uri.getQuery()), authorization, headers));
        guard.handle(exchange);
        if (exchange.getResponseCode() < 0) {
            behaviours.getOrDefault(exchange.getRequestURI().getPath(), this::serve).handle(exchange);
        }
    }

    public void serve(HttpExchange exchange) throws IOException {
        Document document = documents.get(exchange.getRequestURI().getPath());
        if (document == null) {
            answer(exchange, 404, "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}");
            return;
        }
        int from = rangeStart(exchange);
        exchange.getResponseHeaders().add("Content-Type", document.type());
        if (exchange.getRequestURI().getPath().contains("/manifests/")) {
            exchange.getResponseHeaders().add("Docker-Content-Digest", Digest.of(document.content()).toString());
        }
        begin(exchange, document.content(), from);
        if (!exchange.getRequestMethod().equals("HEAD")) {
            exchange.getResponseBody().write(document.content(), from, document.content().length - from);
        }
        exchange.close();
    }

    private int rangeStart(HttpExchange exchange) {
        String range = exchange.getRequestHeaders().getFirst("Range");
        return range == null || !knowsRanges ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-", "$1"));
    }

    private static void begin(HttpExchange exchange, byte[] content, int from) throws IOException {
        if (from > 0) {
            exchange.getResponseHeaders().add("Content-Range", "bytes %d-%d/%d".formatted(from, content.length - 1, content.length));
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        if (head) {
            exchange.getResponseHeaders().add("Content-Length", String.valueOf(content.length));
        }
        exchange.sendResponseHeaders(from > 0 ? 206 : 200, head || content.length == from ? -1 : content.length - from);
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
