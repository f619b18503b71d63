package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.testkit.Await;
import io.cairn.testkit.Leaks;
import io.cairn.testkit.Tool;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is under our mark and not in the journal is taken away, and told; what is somebody else's stays, however near it is. */
final class OrphanTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String FOREIGN = "foreign";

    @Test
    void whatTheJournalDoesNotKnowIsReapedAndWhatIsNotOursIsLeftAlone() throws Exception {
        try (var host = new CrashNode()) {
            Path root = host.node.root();
            // The bridge comes with the first pod.
            String first = host.cri().runPod(host.pod("first"));
            Path namespace = foreignNamespace(root);
            attach(host, namespace, "ADD");
            long foreigner = foreignContainer(host, root);
            host.cri().stopPod(first);
            host.cri().removePod(first);
            Leaks leaks = Leaks.since(host.node);

            var pod = host.pod("lost");
            String podId = host.cri().runPod(pod);
            String containerId = host.cri().create(podId, pod, host.container("lost", "while :; do sleep 1; done"));
            host.cri().start(containerId);
            host.daemon.kill9();
            for (String part : List.of("journal", "projection", "snapshots")) {
                Tool.run("rm", "-rf", root.resolve("state").resolve(part).toString()).orThrow();
            }
            host.daemon.start();

            assertThat(host.cri().pods()).isEmpty();
            leaks.assertNothingLeft(List.of(podId, containerId));
            assertThat(host.daemon.command("log", "-o", "json").orThrow().lines().filter(l -> l.contains("orphanReaped")))
                    .anyMatch(l -> l.contains(containerId)).anyMatch(l -> l.contains(podId));

            assertThat(CrashNode.isAlive(foreigner)).as("the foreign container runs").isTrue();
            assertThat(runc(root, "list", "--quiet").lines()).containsExactly(FOREIGN);
            assertThat(Files.readString(Path.of("/proc/self/mountinfo"))).contains(namespace + " ");
            assertThat(Tool.run("nsenter", "--net=" + namespace, "ip", "-4", "-o", "addr", "show", "eth0").orThrow()).contains("198.18.");
            try (Stream<Path> addresses = Files.walk(root.resolve("ipam"))) {
                assertThat(addresses.filter(Files::isRegularFile).filter(f -> content(f).startsWith(FOREIGN))).hasSize(1);
            }

            runc(root, "delete", "--force", FOREIGN);
            Await.until("the foreign container has ended", CrashNode.PATIENCE, () -> !CrashNode.isAlive(foreigner));
            attach(host, namespace, "DEL");
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static Path foreignNamespace(Path root) throws Exception {
        Path file = Files.createFile(root.resolve("run").resolve("foreign-net"));
        Tool.run("unshare", "--net=" + file, "true").orThrow();
        return file;
    }

    /** As another runtime would, on the same network. */
    private static void attach(CrashNode host, Path namespace, String command) throws Exception {
        Path root = host.node.root();
        ObjectNode list = (ObjectNode) JSON.readTree(root.resolve("net.d/10-test.conflist").toFile());
        ObjectNode plugin = (ObjectNode) list.at("/plugins/0");
        plugin.put("name", list.get("name").asText()).put("cniVersion", "1.0.0");
        String dirs = Stream.of("/opt/cni/bin", "/usr/lib/cni").filter(d -> Files.exists(Path.of(d, "bridge"))).findFirst().orElseThrow();
        Tool.feed(plugin.toString(), "env", "CNI_COMMAND=" + command, "CNI_CONTAINERID=" + FOREIGN, "CNI_NETNS=" + namespace, "CNI_IFNAME=eth0",
                "CNI_PATH=" + dirs, dirs + "/bridge").orThrow();
    }

    private static String runc(Path root, String... verb) throws Exception {
        var command = new java.util.ArrayList<>(List.of("runc", "--root", root.resolve("run/runc-of-somebody-else").toString()));
        command.addAll(List.of(verb));
        return Tool.run(command.toArray(String[]::new)).orThrow();
    }

    /** @return the pid of its process */
    private static long foreignContainer(CrashNode host, Path root) throws Exception {
        Path bundle = Files.createDirectories(root.resolve("run/foreign-bundle"));
        Path bin = Files.createDirectories(bundle.resolve("rootfs/bin"));
        Files.createDirectories(bundle.resolve("rootfs/proc"));
        Files.copy(Path.of("/bin/busybox"), bin.resolve("busybox"));
        runc(root, "spec", "--bundle", bundle.toString());
        ObjectNode spec = (ObjectNode) JSON.readTree(bundle.resolve("config.json").toFile());
        ObjectNode process = (ObjectNode) spec.get("process");
        process.put("terminal", false).putArray("args").add("/bin/busybox").add("sleep").add("1000");
        ((ObjectNode) spec.get("linux")).put("cgroupsPath", host.node.cgroupParent() + "/" + FOREIGN);
        JSON.writeValue(bundle.resolve("config.json").toFile(), spec);
        Path pidFile = bundle.resolve("pid");
        // The container keeps the output of the one who starts it: not this one's.
        Tool.run("sh", "-c", "exec \"$@\" >/dev/null 2>&1", "sh", "runc", "--root", root.resolve("run/runc-of-somebody-else").toString(), "run",
                "--detach", "--bundle", bundle.toString(), "--pid-file", pidFile.toString(), FOREIGN).orThrow();
        return Long.parseLong(Files.readString(pidFile).strip());
    }
}
