package io.cairn.images;

import io.cairn.images.registry.Digest;
import io.cairn.testkit.FreePort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Debian's docker-registry on a free port of the loopback, with its data in a directory of the test. */
public final class DockerRegistry implements AutoCloseable {
    private static final long START_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Process process;
    private final String address;
    private final String authorization;
    private final HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private DockerRegistry(Process process, String address, String authorization) {
        this.process = process;
        this.address = address;
        this.authorization = authorization;
    }

    public static DockerRegistry start(Path dir) throws Exception {
        return start(dir, "", "");
    }

    /** @param htpasswd a line of an htpasswd file (bcrypt), with {@code login} being its user:password; empty for none */
    public static DockerRegistry start(Path dir, String htpasswd, String login) throws Exception {
        String address = "127.0.0.1:" + FreePort.pick();
        String auth = "";
        if (!htpasswd.isEmpty()) {
            Files.writeString(dir.resolve("htpasswd"), htpasswd + "\n");
            auth = "auth: {htpasswd: {realm: test, path: %s}}\n".formatted(dir.resolve("htpasswd"));
        }
        Path config = Files.writeString(dir.resolve("config.yml"), """
                version: 0.1
                log: {level: error}
                storage: {filesystem: {rootdirectory: %s}, delete: {enabled: true}}
                http: {addr: "%s"}
                %s""".formatted(dir.resolve("data"), address, auth));
        Process process = new ProcessBuilder("docker-registry", "serve", config.toString())
                .redirectErrorStream(true)
                .redirectOutput(dir.resolve("log").toFile())
                .start();
        String header = login.isEmpty() ? "" : "Basic " + Base64.getEncoder().encodeToString(login.getBytes());
        var registry = new DockerRegistry(process, address, header);
        registry.awaitReady(dir.resolve("log"));
        return registry;
    }

    private void awaitReady(Path log) throws Exception {
        long deadline = System.nanoTime() + START_NANOS;
        while (!answers()) {
            if (!process.isAlive() || System.nanoTime() - deadline > 0) {
                close();
                throw new IllegalStateException("docker-registry did not come up: " + Files.readString(log));
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }

    private boolean answers() throws InterruptedException {
        try {
            return http.send(request("/v2/").build(), BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException notYet) {
            return false;
        }
    }

    public String address() {
        return address;
    }

    public void push(String repository, String tag, TestImage image) throws Exception {
        for (Map.Entry<Digest, byte[]> blob : image.blobs.entrySet()) {
            pushBlob(repository, blob.getKey(), blob.getValue());
        }
        pushManifest(repository, tag, image.manifestType, image.manifest);
    }

    public void pushManifest(String repository, String object, String type, byte[] manifest) throws Exception {
        expect(201, request("/v2/" + repository + "/manifests/" + object).header("Content-Type", type)
                .PUT(HttpRequest.BodyPublishers.ofByteArray(manifest)));
    }

    private void pushBlob(String repository, Digest digest, byte[] content) throws Exception {
        String location = expect(202, request("/v2/" + repository + "/blobs/uploads/").POST(HttpRequest.BodyPublishers.noBody()));
        URI target = URI.create(location + (location.contains("?") ? "&" : "?") + "digest=" + digest);
        expect(201, authorized(HttpRequest.newBuilder(URI.create("http://" + address).resolve(target)))
                .header("Content-Type", "application/octet-stream")
                .PUT(HttpRequest.BodyPublishers.ofByteArray(content)));
    }

    private String expect(int status, HttpRequest.Builder request) throws Exception {
        var answer = http.send(request.timeout(Duration.ofSeconds(30)).build(), BodyHandlers.ofString());
        if (answer.statusCode() != status) {
            throw new IllegalStateException("Expected %d from %s, but got %d: %s".formatted(status, answer.uri(), answer.statusCode(),
                    answer.body()));
        }
        return answer.headers().firstValue("Location").orElse("");
    }

    private HttpRequest.Builder request(String path) {
        return authorized(HttpRequest.newBuilder(URI.create("http://" + address + path)));
    }

    private HttpRequest.Builder authorized(HttpRequest.Builder request) {
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    @Override
    public void close() throws InterruptedException {
        http.close();
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
