package io.cairn.testkit;

import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.TimeUnit;

/** Debian's docker-registry on a free port of loopback, with its data in a directory of its own. */
public final class LoopbackRegistry implements AutoCloseable {
    /** The one account of a registry that asks for one. */
    public static final String USER = "walker";
    public static final String PASSWORD = "every passage adds a stone";

    /** bcrypt(PASSWORD), the only form docker-registry reads. */
    private static final String PASSWORD_HASH = "$2a$05$abcdefghijklmnopqrstuu7G3QhdUzViJ9pAdtnoGugo2WvvMQSOC";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final HttpClient http = HttpClient.newBuilder().connectTimeout(PATIENCE).build();
    private final Path data;
    private final Process process;
    private final int port;
    private final boolean account;

    private LoopbackRegistry(Path data, Process process, int port, boolean account) {
        this.data = data;
        this.process = process;
        this.port = port;
        this.account = account;
    }

    /** @param directory made by this; stays when the registry is closed */
    public static LoopbackRegistry start(Path directory) throws Exception {
        return start(directory, false);
    }

    /** A registry that wants {@link #USER} and {@link #PASSWORD}. */
    public static LoopbackRegistry startWithAccount(Path directory) throws Exception {
        return start(directory, true);
    }

    private static LoopbackRegistry start(Path directory, boolean account) throws Exception {
        Files.createDirectory(directory);
        Path log = directory.resolve("log");
        int port = FreePort.pick();
        Path data = directory.resolve("data");
        Path config = Files.writeString(directory.resolve("config.yml"), config(directory, data, port, account));
        Process process = new ProcessBuilder("setsid", "docker-registry", "serve", config.toString())
                .redirectErrorStream(true).redirectOutput(log.toFile()).start();
        var registry = new LoopbackRegistry(data, process, port, account);
        try {
            Await.until("docker-registry answers on port " + port, PATIENCE, () -> registry.answers(log));
            return registry;
        } catch (Exception | Error e) {
            registry.close();
            throw e;
        }
    }

    private static String config(Path directory, Path data, int port, boolean account) throws IOException {
        String auth = "";
        if (account) {
            Path htpasswd = Files.writeString(directory.resolve("htpasswd"), USER + ":" + PASSWORD_HASH + "\n");
            auth = "auth: {htpasswd: {realm: walkers, path: %s}}\n".formatted(htpasswd);
        }
        return """
                version: 0.1
                log: {level: warn, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                http: {addr: "127.0.0.1:%d"}
                %s""".formatted(data, port, auth);
    }

    private boolean answers(Path log) throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IOException("docker-registry has ended: " + Files.readString(log));
        }
        try {
            return send(HttpRequest.newBuilder(uri("/v2/")).GET()).statusCode() == 200;
        } catch (ConnectException e) {
            return false;
        }
    }

    /** {@code 127.0.0.1:port}, as it stands in an image's name. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** The file with the content of what was pushed, for tests that damage it. */
    public Path blob(String digest) {
        String hex = digest.substring("sha256:".length());
        return data.resolve("docker/registry/v2/blobs/sha256").resolve(hex.substring(0, 2)).resolve(hex).resolve("data");
    }

    /** Puts an image under a name and a tag; the name has no registry in it. */
    public void push(OciImage image, String name, String tag) throws IOException, InterruptedException {
        for (OciImage.Blob layer : image.layers()) {
            upload(name, layer);
        }
        upload(name, image.config());
        put("/v2/" + name + "/manifests/" + tag, image.manifest());
    }

    private void upload(String name, OciImage.Blob blob) throws IOException, InterruptedException {
        String blobPath = "/v2/" + name + "/blobs/";
        if (send(HttpRequest.newBuilder(uri(blobPath + blob.digest())).HEAD()).statusCode() == 200) {
            return;
        }
        HttpResponse<String> begun = expect(202, HttpRequest.newBuilder(uri(blobPath + "uploads/")).POST(BodyPublishers.noBody()));
        String location = begun.headers().firstValue("Location").orElseThrow(() -> new IOException("no Location for an upload of " + name));
        expect(201, HttpRequest.newBuilder(uri("/").resolve(location + (location.contains("?") ? "&" : "?") + "digest=" + blob.digest()))
                .header("Content-Type", "application/octet-stream").PUT(BodyPublishers.ofByteArray(blob.bytes())));
    }

    private void put(String path, OciImage.Blob blob) throws IOException, InterruptedException {
        expect(201, HttpRequest.newBuilder(uri(path)).header("Content-Type", blob.mediaType()).PUT(BodyPublishers.ofByteArray(blob.bytes())));
    }

    private HttpResponse<String> expect(int code, HttpRequest.Builder request) throws IOException, InterruptedException {
        HttpResponse<String> response = send(request);
        if (response.statusCode() != code) {
            throw new IOException("%s %s: expected %d, but got %d: %s".formatted(response.request().method(), response.uri(), code,
                    response.statusCode(), response.body()));
        }
        return response;
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws IOException, InterruptedException {
        if (account) {
            request.header("Authorization", "Basic " + Base64.getEncoder().encodeToString((USER + ":" + PASSWORD).getBytes(StandardCharsets.UTF_8)));
        }
        return http.send(request.timeout(PATIENCE).build(), BodyHandlers.ofString());
    }

    private URI uri(String path) {
        return URI.create("http://" + address() + path);
    }

    @Override
    public void close() throws InterruptedException {
        http.close();
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
