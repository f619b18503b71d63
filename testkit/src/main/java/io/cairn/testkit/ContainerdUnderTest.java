package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Debian's containerd, one for each node, with everything of its own in the node's directory. Used by one thread. */
final class ContainerdUnderTest implements DriverUnderTest {
    private static final String NAMESPACE = "cairn";

    private ContainerdProcess containerd;

    private static Path root(TestNode node) {
        return node.backendDir();
    }

    @Override
    public String name() {
        return "containerd";
    }

    @Override
    public String configuration(TestNode node) {
        return """
                [drivers.containerd]
                address = "%s"
                """.formatted(root(node).resolve("containerd.sock"));
    }

    @Override
    public void begin(TestNode node) throws IOException, InterruptedException {
        try {
            containerd = ContainerdProcess.start(root(node));
        } catch (IOException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** What it keeps on disk outlives a reboot, and goes with the node. */
    @Override
    public void end(TestNode node) throws IOException, InterruptedException {
        if (containerd != null) {
            containerd.cutPower();
        }
    }

    @Override
    public boolean isBackend(String command) {
        return command.startsWith("containerd --config ");
    }

    @Override
    public boolean isMonitor(String command) {
        return command.contains("containerd-shim-");
    }

    @Override
    public List<String> containers(TestNode node) throws IOException {
        if (containerd == null || !Files.exists(containerd.socket())) {
            return List.of();
        }
        try {
            return containerd.ctr(NAMESPACE, "containers", "ls", "-q").lines().filter(line -> !line.isBlank()).toList();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Override
    public boolean canCheckpoint() {
        return true;
    }

    @Override
    public String absentRuntime() {
        return "/nowhere/runc";
    }
}
