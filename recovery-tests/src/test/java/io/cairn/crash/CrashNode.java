package io.cairn.crash;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.DaemonProcess;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.TestImages;
import io.cairn.testkit.TestNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * A node whose daemon is killed. Containers write marks into a directory of the host: what really happened is read from there, and
 * from the kernel, never from Cairn.
 */
final class CrashNode implements AutoCloseable {
    static final String IMAGE = "crash.cairn.test/busybox:1";
    static final Duration PATIENCE = Duration.ofSeconds(60);

    final TestNode node;
    final DaemonProcess daemon;
    private final LoopbackRegistry registry;
    private final Path marks;

    /** Changes a node before its daemon is started. */
    interface Preparation {
        void prepare(TestNode node) throws Exception;
    }

    CrashNode() throws Exception {
        this(node -> {});
    }

    CrashNode(Preparation preparation) throws Exception {
        node = TestNode.create();
        try {
            preparation.prepare(node);
            marks = Files.createDirectory(node.root().resolve("marks"));
            registry = LoopbackRegistry.start(node.root().resolve("registry"));
            registry.push(new TestImages().busybox().build(), "busybox", "1");
            node.mirror("crash.cairn.test", registry);
            daemon = DaemonProcess.start(node);
            daemon.client().pull(IMAGE);
        } catch (Exception | Error e) {
            node.close();
            throw e;
        }
    }

    CriClient cri() {
        return daemon.client();
    }

    PodSandboxConfig pod(String name) throws Exception {
        return Configs.pod(node, name).build();
    }

    /** A container that marks its start before anything else, and its end just before it ends. */
    ContainerConfig container(String name, String script) {
        return Configs.shell(name, IMAGE, "echo started >> /marks/%1$s; %2$s; code=$?; echo ended >> /marks/%1$s.end; exit $code".formatted(name, script))
                .addMounts(Mount.newBuilder().setHostPath(marks.toString()).setContainerPath("/marks")).build();
    }

    /** How often the container's program was started. */
    int starts(String container) throws Exception {
        Path mark = mark(container);
        return Files.exists(mark) ? Files.readAllLines(mark).size() : 0;
    }

    Path mark(String name) {
        return marks.resolve(name);
    }

    /** Whether there is such a process; one that was not waited for yet is none. */
    static boolean isAlive(long pid) throws Exception {
        try {
            String stat = Files.readString(Path.of("/proc", Long.toString(pid), "stat"));
            return !List.of("Z", "X").contains(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[0]);
        } catch (java.io.IOException e) {
            return false;
        }
    }

    @Override
    public void close() throws Exception {
        daemon.close();
        registry.close();
        node.close();
    }
}
