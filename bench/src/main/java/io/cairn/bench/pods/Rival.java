package io.cairn.bench.pods;

import io.cairn.testkit.Await;
import io.cairn.testkit.CriClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Another CRI runtime, with everything of its own below one directory. Used by one thread. */
final class Rival implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<Path> PLUGIN_DIRS = List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

    private final String name;
    private final Path root;
    private final Path socket;
    private final List<String> command;
    private Process process;
    private CriClient client;

    private Rival(String name, Path root, Path socket, List<String> command) {
        this.name = name;
        this.root = root;
        this.socket = socket;
        this.command = command;
    }

    /**
     * A containerd of its own, but for its shims' sockets in /run/containerd. Returns when it answers.
     *
     * @param root made by this
     * @param pauseImage to be pulled for its sandboxes
     */
    static Rival containerd(Path root, String pauseImage) throws Exception {
        Path socket = makeNetwork(root, "containerd").resolve("containerd.sock");
        Path config = Files.writeString(root.resolve("config.toml"), """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
                                    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
                [grpc]
                address = "%1$s/containerd.sock"
                [plugins."io.containerd.internal.v1.opt"]
                path = "%1$s/opt"
                [plugins."io.containerd.grpc.v1.cri"]
                sandbox_image = "%2$s"
                netns_mounts_under_state_dir = true
                disable_tcp_service = true
                restrict_oom_score_adj = true
                [plugins."io.containerd.grpc.v1.cri".cni]
                conf_dir = "%1$s/net.d"
                bin_dir = "%3$s"
                """.formatted(root, pauseImage, pluginDir()));
        return new Rival("containerd", root, socket, List.of("containerd", "--config", config.toString())).started();
    }

    /**
     * cri-dockerd on an engine that is there, for which it pulls the image of its sandboxes. Returns when it answers.
     *
     * @param root made by this
     * @param engine its socket
     */
    static Rival criDockerd(Path root, String pauseImage, Path engine) throws Exception {
        Path socket = makeNetwork(root, "cri-dockerd").resolve("cri-dockerd.sock");
        return new Rival("cri-dockerd", root, socket, List.of("cri-dockerd", "--container-runtime-endpoint", "unix://" + socket,
                "--docker-endpoint", "unix://" + engine, "--pod-infra-container-image", pauseImage,
                "--cri-dockerd-root-directory", root.resolve("root").toString(), "--cni-conf-dir", root.resolve("net.d").toString(),
                "--cni-bin-dir", pluginDir().toString(), "--cni-cache-dir", root.resolve("cache").toString(),
                "--streaming-bind-addr", "127.0.0.1:0", "--hairpin-mode", "none")).started();
    }

    private static Path makeNetwork(Path root, String name) throws IOException {
        Path networks = Files.createDirectory(Files.createDirectory(root).resolve("net.d"));
        Files.writeString(networks.resolve("10-bench.conflist"), Network.conflist("bench-" + name, "bnch1", root.resolve("addresses"), 1));
        return root;
    }

    private static Path pluginDir() throws IOException {
        return PLUGIN_DIRS.stream().filter(dir -> Files.isExecutable(dir.resolve("bridge"))).findFirst()
                .orElseThrow(() -> new IOException("Expected the CNI plugin bridge in one of %s, but it is in none".formatted(PLUGIN_DIRS)));
    }

    private Rival started() throws Exception {
        process = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(root.resolve("log").toFile())).start();
        Await.until(name + " makes " + socket, PATIENCE, () -> Files.exists(socket));
        client = CriClient.connect(socket);
        Await.until(name + " answers", PATIENCE, this::answers);
        return this;
    }

    private boolean answers() {
        try {
            return client.status().getStatus().getConditionsList().stream().allMatch(condition -> condition.getStatus());
        } catch (StatusRuntimeException e) {
            return false;
        }
    }

    void restart() throws Exception {
        close();
        started();
    }

    String name() {
        return name;
    }

    CriClient client() {
        return client;
    }

    @Override
    public void close() throws InterruptedException, IOException {
        client.close();
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        Files.deleteIfExists(socket);
    }
}
