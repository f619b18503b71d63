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

/** A containerd with everything of its own below one directory, but for its shims' sockets in /run/containerd. Used by one thread. */
final class Containerd implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final List<Path> PLUGIN_DIRS = List.of(Path.of("/opt/cni/bin"), Path.of("/usr/lib/cni"));

    private final Path root;
    private Process process;
    private CriClient client;

    private Containerd(Path root) {
        this.root = root;
    }

    /**
     * Returns when it answers.
     *
     * @param root made by this
     * @param pauseImage to be pulled for its sandboxes
     */
    static Containerd start(Path root, String pauseImage) throws Exception {
        var containerd = new Containerd(Files.createDirectory(root));
        Files.writeString(Files.createDirectory(root.resolve("net.d")).resolve("10-bench.conflist"),
                Network.conflist("bench-containerd", "bnch1", root.resolve("addresses"), 1));
        Files.writeString(root.resolve("config.toml"), """
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
        containerd.start();
        return containerd;
    }

    private static Path pluginDir() throws IOException {
        return PLUGIN_DIRS.stream().filter(dir -> Files.isExecutable(dir.resolve("bridge"))).findFirst()
                .orElseThrow(() -> new IOException("Expected the CNI plugin bridge in one of %s, but it is in none".formatted(PLUGIN_DIRS)));
    }

    private void start() throws Exception {
        Path socket = root.resolve("containerd.sock");
        process = new ProcessBuilder("containerd", "--config", root.resolve("config.toml").toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(root.resolve("log").toFile())).start();
        Await.until("containerd makes " + socket, PATIENCE, () -> Files.exists(socket));
        client = CriClient.connect(socket);
        Await.until("containerd answers", PATIENCE, this::answers);
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
        start();
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
        Files.deleteIfExists(root.resolve("containerd.sock"));
    }
}
