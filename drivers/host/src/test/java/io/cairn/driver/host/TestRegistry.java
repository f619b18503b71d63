package io.cairn.driver.host;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** A registry on the loopback with images made of Debian's static busybox. */
public final class TestRegistry implements AutoCloseable {
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

    private final HttpServer server;
    private final Map<String, byte[]> content = new ConcurrentHashMap<>();

    private TestRegistry(HttpServer server) {
        this.server = server;
    }

    public static TestRegistry start() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        var registry = new TestRegistry(server);
        server.createContext("/", registry::serve);
        server.start();
        return registry;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            byte[] body = path.equals("/v2/") ? new byte[0] : content.get(path.substring(path.lastIndexOf('/') + 1));
            if (body == null) {
                exchange.sendResponseHeaders(404, -1);
                return;
            }
            exchange.getResponseHeaders().set("Content-Type", path.contains("/manifests/") ? MANIFEST : "application/octet-stream");
            exchange.getResponseHeaders().set("Docker-Content-Digest", digest(body));
            boolean head = exchange.getRequestMethod().equals("HEAD");
            exchange.sendResponseHeaders(200, head || body.length == 0 ? -1 : body.length);
            if (!head) {
                exchange.getResponseBody().write(body);
            }
        }
    }

    /** @param config the "config" object of the image configuration @return its reference */
    public String image(String tag, String config) throws Exception {
        return image(tag, config, tar());
    }

    /** @param tar of its only layer */
    public String image(String tag, String config, byte[] tar) throws Exception {
        byte[] layer = gzip(tar);
        byte[] configuration = """
                {"architecture":"amd64","os":"linux","config":%s,"rootfs":{"type":"layers","diff_ids":["%s"]}}"""
                .formatted(config, digest(tar)).getBytes(StandardCharsets.UTF_8);
        byte[] manifest = """
                {"schemaVersion":2,"mediaType":"%s",
                 "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
                 "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar+gzip","digest":"%s","size":%d}]}"""
                .formatted(MANIFEST, digest(configuration), configuration.length, digest(layer), layer.length)
                .getBytes(StandardCharsets.UTF_8);
        content.put(digest(layer), layer);
        content.put(digest(configuration), configuration);
        content.put(digest(manifest), manifest);
        content.put(tag, manifest);
        return "127.0.0.1:%d/busybox:%s".formatted(server.getAddress().getPort(), tag);
    }

    private static byte[] tar() throws IOException {
        var out = new ByteArrayOutputStream();
        try (var tar = new TarArchiveOutputStream(out)) {
            for (String dir : new String[] {"bin/", "etc/", "tmp/", "data/"}) {
                tar.putArchiveEntry(new TarArchiveEntry(dir));
                tar.closeArchiveEntry();
            }
            put(tar, "bin/busybox", 0755, Files.readAllBytes(Path.of("/bin/busybox")));
            put(tar, "bin/plain", 0644, "no program\n".getBytes(StandardCharsets.US_ASCII));
            put(tar, "etc/passwd", 0644, "root:x:0:0::/:/bin/sh\nuser:x:1000:1001::/:/bin/sh\n".getBytes(StandardCharsets.US_ASCII));
            put(tar, "etc/group", 0644, "root:x:0:\nuser:x:1001:\nmore:x:2000:user\n".getBytes(StandardCharsets.US_ASCII));
            for (String name : new String[] {"sh", "sleep", "cat", "echo", "ls", "id", "readlink", "hostname", "ps", "kill", "dd", "yes",
                    "head", "touch", "true"}) {
                var link = new TarArchiveEntry("bin/" + name, TarArchiveEntry.LF_SYMLINK);
                link.setLinkName("busybox");
                tar.putArchiveEntry(link);
                tar.closeArchiveEntry();
            }
        }
        return out.toByteArray();
    }

    private static void put(TarArchiveOutputStream tar, String name, int mode, byte[] bytes) throws IOException {
        var entry = new TarArchiveEntry(name);
        entry.setMode(0100000 | mode);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (java.security.NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
