package io.cairn.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Debian's Docker Engine, one for each node, with everything of its own in the node's directory. Used by one thread. */
final class DockerUnderTest implements DriverUnderTest {
    private DockerProcess docker;

    private static Path root(TestNode node) {
        return node.backendDir();
    }

    @Override
    public String name() {
        return "docker";
    }

    @Override
    public String configuration(TestNode node) {
        return """
                [drivers.docker]
                socket = "%s"
                """.formatted(root(node).resolve("docker.sock"));
    }

    @Override
    public void begin(TestNode node) throws IOException, InterruptedException {
        try {
            docker = DockerProcess.start(root(node), true);
        } catch (IOException | InterruptedException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    /** What it keeps on disk outlives a reboot, and goes with the node. */
    @Override
    public void end(TestNode node) throws IOException, InterruptedException {
        if (docker != null) {
            docker.cutPower();
        }
    }

    @Override
    public boolean isBackend(String command) {
        return command.startsWith("dockerd --config-file ") || command.startsWith("containerd --config ");
    }

    /** The node's own network namespace, which the engine pins when the first container is on it. */
    @Override
    public boolean isBackendsMount(Path point) {
        return point.endsWith("exec/netns/default");
    }

    @Override
    public boolean isMonitor(String command) {
        return command.contains("containerd-shim-");
    }

    /** By the names that they were given. */
    @Override
    public List<String> containers(TestNode node) throws IOException {
        if (docker == null || !Files.exists(docker.socket())) {
            return List.of();
        }
        var names = new ArrayList<String>();
        for (JsonNode container : docker.get("/containers/json?all=1")) {
            names.add(container.path("Names").path(0).asText().replaceFirst("^/", ""));
        }
        return names;
    }

    @Override
    public boolean canCheckpoint() {
        return false;
    }

    /** Debian's 20.10 can none of them. */
    @Override
    public boolean can(Feature feature) {
        return false;
    }

    @Override
    public String absentRuntime() {
        return "nowhere";
    }
}
