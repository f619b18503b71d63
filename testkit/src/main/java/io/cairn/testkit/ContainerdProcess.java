package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * A containerd of its own, of Debian's package: everything below one directory, but for its shims' sockets, and without the plugins
 * nobody here needs, its CRI first of all. Used by one thread.
 *
 * <p>{@link #close} takes everything away by force: the daemon, shims and what runs under them, mounts, files.
 */
public final class ContainerdProcess implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final Path root;
    private String path = System.getenv("PATH");
    private Process process;

    private ContainerdProcess(Path root) {
        this.root = root;
    }

    /**
     * Returns when it answers.
     *
     * @param root made by this, and taken away by {@link #close}
     */
    public static ContainerdProcess start(Path root) throws Exception {
        var containerd = new ContainerdProcess(Files.createDirectories(root));
        Files.writeString(root.resolve("config.toml"), """
                version = 2
                root = "%1$s/root"
                state = "%1$s/state"
                disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
                                    "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs",
                                    "io.containerd.internal.v1.opt", "io.containerd.internal.v1.restart", "io.containerd.internal.v1.tracing",
                                    "io.containerd.tracing.processor.v1.otlp", "io.containerd.nri.v1.nri",
                                    "io.containerd.cri.v1.images", "io.containerd.cri.v1.runtime"]
                [grpc]
                address = "%1$s/containerd.sock"
                # What nothing refers to goes at once, and not when the collector looks again by itself.
                [plugins."io.containerd.gc.v1.scheduler"]
                deletion_threshold = 1
                """.formatted(root));
        try {
            containerd.useUsualCriu();
            containerd.startAgain();
            return containerd;
        } catch (Exception | Error e) {
            containerd.close();
            throw e;
        }
    }

    /** After {@link #stop} or {@link #kill}: the same daemon on the same files. Returns when it answers. */
    public void startAgain() throws Exception {
        var builder = new ProcessBuilder("containerd", "--config", root.resolve("config.toml").toString())
                .redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().put("PATH", path);
        process = builder.start();
        Await.until("containerd answers on " + socket(), PATIENCE, this::answers);
    }

    /** A directory that stands on its path, first or alone. */
    public Path programs() {
        return root.resolve("programs");
    }

    /** From its next start on: the CRIU of these tests ({@link TestCriu}). */
    public void useUsualCriu() throws IOException {
        path = System.getenv("PATH");
        if (!TestCriu.setting().equals("auto")) {
            link("criu", Path.of(TestCriu.setting()));
            path = programs() + ":" + path;
        }
    }

    /** From its next start on: this CRIU, and no other that the host may have. */
    public void useOnlyCriu(Path criu) throws IOException {
        for (String program : List.of("containerd-shim-runc-v2", "runc")) {
            link(program, found(program));
        }
        link("criu", criu);
        path = programs().toString();
    }

    private static Path found(String program) throws IOException {
        return Stream.of(System.getenv("PATH").split(":")).map(directory -> Path.of(directory, program)).filter(Files::isExecutable).findFirst()
                .orElseThrow(() -> new IOException("Expected %s on the path, but it is not there".formatted(program)));
    }

    private void link(String name, Path target) throws IOException {
        Path link = Files.createDirectories(programs()).resolve(name);
        Files.deleteIfExists(link);
        Files.createSymbolicLink(link, target);
    }

    private boolean answers() throws IOException, InterruptedException {
        if (!process.isAlive()) {
            throw new IOException("containerd has ended: " + Files.readString(log()));
        }
        return Files.exists(socket()) && Tool.run("ctr", "--address", socket().toString(), "--timeout", "2s", "version").exitCode() == 0;
    }

    public Path socket() {
        return root.resolve("containerd.sock");
    }

    public Path log() {
        return root.resolve("log");
    }

    public long pid() {
        return process.pid();
    }

    /** In good order; what runs goes on running. */
    public void stop() throws InterruptedException, IOException {
        process.destroy();
        if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IOException("containerd has not ended within " + PATIENCE);
        }
    }

    /** With SIGKILL; what runs goes on running. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** What containerd's own client says of a namespace. */
    public String ctr(String namespace, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ctr", "--address", socket().toString(), "--namespace", namespace));
        command.addAll(List.of(arguments));
        return Tool.run(command.toArray(String[]::new)).orThrow();
    }

    /** Of its shims, each of which looks after one container. */
    public List<Long> shims() throws IOException {
        var found = new ArrayList<Long>();
        try (Stream<Path> entries = Files.list(Path.of("/proc"))) {
            for (Path entry : entries.filter(e -> e.getFileName().toString().matches("[0-9]+")).toList()) {
                List<String> arguments = arguments(entry);
                if (!arguments.isEmpty() && arguments.getFirst().contains("containerd-shim") && arguments.contains(socket().toString())) {
                    found.add(Long.parseLong(entry.getFileName().toString()));
                }
            }
        }
        return found;
    }

    /** The shim of one container. */
    public long shim(String containerId) throws IOException {
        return shims().stream().filter(pid -> arguments(Path.of("/proc", Long.toString(pid))).contains(containerId)).findFirst()
                .orElseThrow(() -> new IOException("Expected a shim of container " + containerId + ", but there is none"));
    }

    private static List<String> arguments(Path entry) {
        try {
            return List.of(Files.readString(entry.resolve("cmdline")).split("\0"));
        } catch (IOException e) {
            return List.of();
        }
    }

    @Override
    public void close() throws IOException, InterruptedException {
        cutPower();
        Trees.delete(root);
    }

    /** What a power cut takes: the daemon, shims and what runs under them, mounts, and its state, which is not on disk. */
    public void cutPower() throws IOException, InterruptedException {
        if (process != null) {
            kill();
        }
        List<Path> sockets = shimSockets();
        killShims();
        Trees.unmountBelow(root);
        for (Path socket : sockets) {
            Files.deleteIfExists(socket);
        }
        Files.deleteIfExists(socket());
        if (Files.exists(root.resolve("state"))) {
            Trees.delete(root.resolve("state"));
        }
    }

    /** With the shims die those they look after: runc is told no more, so it is done here. */
    private void killShims() throws IOException, InterruptedException {
        for (List<Long> shims = shims(); !shims.isEmpty(); shims = shims()) {
            for (long shim : shims) {
                ProcessHandle.of(shim).ifPresent(handle -> {
                    List<ProcessHandle> family = handle.descendants().toList();
                    handle.destroyForcibly();
                    family.forEach(ProcessHandle::destroyForcibly);
                });
            }
            awaitEnd(shims);
        }
    }

    private static void awaitEnd(List<Long> pids) throws IOException, InterruptedException {
        try {
            Await.until("shims " + pids + " end after SIGKILL", PATIENCE,
                    () -> pids.stream().noneMatch(pid -> ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false)));
        } catch (IOException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** containerd makes them in /run/containerd, wherever its state is, and a shim that is killed leaves its own. */
    private List<Path> shimSockets() throws IOException {
        Path tasks = root.resolve("state/io.containerd.runtime.v2.task");
        if (!Files.isDirectory(tasks)) {
            return List.of();
        }
        var found = new ArrayList<Path>();
        try (Stream<Path> files = Files.walk(tasks, 3)) {
            for (Path file : files.filter(f -> f.getFileName().toString().equals("address")).toList()) {
                found.add(Path.of(Files.readString(file).strip().replaceFirst("^unix://", "")));
            }
        }
        return found;
    }
}
