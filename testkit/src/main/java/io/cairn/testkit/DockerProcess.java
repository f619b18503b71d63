package io.cairn.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.SocketException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A Docker Engine of its own, of Debian's package, on a containerd of its own: everything below one directory, but for the shims' sockets,
 * and nothing of the host's network touched. Used by one thread.
 *
 * <p>{@link #close} takes everything away by force: daemons, shims and what runs under them, mounts, files.
 */
public final class DockerProcess implements AutoCloseable {
    /** The containerd namespace that the engine's containers are in. */
    public static final String NAMESPACE = "moby";

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path root;
    private final boolean liveRestore;
    private ContainerdProcess containerd;
    private Process process;

    private DockerProcess(Path root, boolean liveRestore) {
        this.root = root;
        this.liveRestore = liveRestore;
    }

    /**
     * Returns when it answers.
     *
     * @param root made by this, and taken away by {@link #close}
     * @param liveRestore whether containers outlive the daemon
     */
    public static DockerProcess start(Path root, boolean liveRestore) throws Exception {
        var docker = new DockerProcess(Files.createDirectories(root), liveRestore);
        Files.writeString(root.resolve("daemon.json"), """
                {
                  "data-root": "%1$s/data",
                  "exec-root": "%1$s/exec",
                  "pidfile": "%1$s/docker.pid",
                  "hosts": ["unix://%1$s/docker.sock"],
                  "group": "root",
                  "containerd": "%1$s/containerd/containerd.sock",
                  "live-restore": %2$s,
                  "shutdown-timeout": 3,
                  "bridge": "none", "iptables": false, "ip6tables": false, "ip-forward": false, "ip-masq": false, "userland-proxy": false
                }
                """.formatted(root, liveRestore));
        try {
            docker.containerd = ContainerdProcess.start(root.resolve("containerd"));
            docker.startAgain();
            return docker;
        } catch (Exception | Error e) {
            docker.close();
            throw e;
        }
    }

    /** After {@link #stop} or {@link #kill}: the same daemon on the same files. Returns when it answers. */
    public void startAgain() throws Exception {
        // One that was killed has left its own, and takes any process with that number for itself.
        Files.deleteIfExists(root.resolve("docker.pid"));
        process = new ProcessBuilder("dockerd", "--config-file", root.resolve("daemon.json").toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile())).start();
        Await.until("docker answers on " + socket(), PATIENCE, this::answers);
    }

    private boolean answers() throws IOException {
        if (!process.isAlive()) {
            throw new IOException("dockerd has ended: " + Files.readString(log()));
        }
        try {
            return Files.exists(socket()) && get("/version").has("ApiVersion");
        } catch (SocketException | ClosedChannelException _) {
            // One that is starting, or that an earlier daemon has left.
            return false;
        }
    }

    public Path socket() {
        return root.resolve("docker.sock");
    }

    public Path log() {
        return root.resolve("log");
    }

    /** Where its images, layers and logs are. */
    public Path dataRoot() {
        return root.resolve("data");
    }

    public long pid() {
        return process.pid();
    }

    /** What its containers run under. */
    public ContainerdProcess containerd() {
        return containerd;
    }

    /** In good order: containers go on running if it was started with live restore, and are ended by it if not. */
    public void stop() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("dockerd has not ended within " + PATIENCE);
        }
    }

    /** With SIGKILL; what runs goes on running. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** What the engine answers to a question, in JSON; asked without any client's library. @param path with query, without version */
    public JsonNode get(String path) throws IOException {
        return request("GET", path, "");
    }

    /** Tells the engine to do something that needs no body, and answers what it says. */
    public JsonNode post(String path) throws IOException {
        return post(path, "");
    }

    /** @param body JSON */
    public JsonNode post(String path, String body) throws IOException {
        return request("POST", path, body);
    }

    public JsonNode delete(String path) throws IOException {
        return request("DELETE", path, "");
    }

    /** By the oldest HTTP there is, in which an answer ends with its connection. */
    private JsonNode request(String method, String path, String content) throws IOException {
        return request(socket(), method, path, content).orElseThrow(() -> new IOException("%s %s: the engine has no such thing".formatted(method, path)));
    }

    /** What an engine answers to a question, in JSON; none where it has no such thing. */
    public static Optional<JsonNode> find(Path socket, String path) throws IOException {
        return request(socket, "GET", path, "");
    }

    private static Optional<JsonNode> request(Path socket, String method, String path, String content) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            channel.write(ByteBuffer.wrap("%s /v1.41%s HTTP/1.0\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
                    .formatted(method, path, content.getBytes(StandardCharsets.UTF_8).length, content).getBytes(StandardCharsets.UTF_8)));
            String answer = new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.UTF_8);
            int body = answer.indexOf("\r\n\r\n") + 4;
            if (answer.startsWith("HTTP/1.0 404")) {
                return Optional.empty();
            }
            if (body < 4 || !answer.startsWith("HTTP/1.0 2")) {
                throw new IOException("%s %s: the engine says %s".formatted(method, path, answer));
            }
            return Optional.of(JSON.readTree(answer.substring(body)));
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        cutPower();
        if (containerd != null) {
            containerd.close();
        }
        Trees.delete(root);
    }

    /** What a power cut takes: the daemons, shims and what runs under them, mounts, and what is not on disk. */
    public void cutPower() throws IOException, InterruptedException {
        if (process != null) {
            kill();
        }
        if (containerd != null) {
            containerd.cutPower();
        }
        Trees.unmountBelow(root);
        Files.deleteIfExists(socket());
        if (Files.exists(root.resolve("exec"))) {
            Trees.delete(root.resolve("exec"));
        }
    }
}
