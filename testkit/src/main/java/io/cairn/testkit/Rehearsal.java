package io.cairn.testkit;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.RunPodSandboxRequest;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;

/**
 * Has the daemon do what a kubelet asks of it day by day, so that Java can learn what that takes: classes, and which methods are worth
 * compiling at once (JEP 514, JEP 515). It learns each driver whose backend is installed, the backends' daemons being this program's own. The
 * daemon gets its options for that by CAIRN_JAVA_OPTS. To be run in namespaces of its own: scripts/aot.sh.
 */
public final class Rehearsal {
    private static final Duration PATIENCE = Duration.ofSeconds(20);
    /** Of each driver but runc. */
    private static final int PODS = 15;
    /** The handler of the default driver. */
    private static final String RUNC = "";

    private final TestNode node;
    private final LoopbackRegistry registry;
    private final TestImages images = new TestImages();

    private Rehearsal(TestNode node, LoopbackRegistry registry) throws Exception {
        this.node = node;
        this.registry = registry;
    }

    /** @param args how many pods on runc */
    public static void main(String[] args) throws Exception {
        try (TestNode node = TestNode.create();
                LoopbackRegistry registry = LoopbackRegistry.start(node.root().resolve("registry"))) {
            new Rehearsal(node, registry).run(Integer.parseInt(args[0]));
        }
    }

    private void run(int pods) throws Exception {
        if (isInstalled("dockerd")) {
            try (var docker = DockerProcess.start(node.root().resolve("docker"), true)) {
                add("docker", "socket", docker.socket());
                add("containerd", "address", docker.containerd().socket());
                live(pods, List.of("docker", "containerd"));
            }
        } else if (isInstalled("containerd")) {
            try (var containerd = ContainerdProcess.start(node.root().resolve("containerd"))) {
                add("containerd", "address", containerd.socket());
                live(pods, List.of("containerd"));
            }
        } else {
            live(pods, List.of());
        }
    }

    private static boolean isInstalled(String program) {
        return Stream.of(System.getenv("PATH").split(":")).anyMatch(dir -> Files.isExecutable(Path.of(dir, program)));
    }

    /** A runtime handler of the driver's name. */
    private void add(String driver, String key, Path socket) throws Exception {
        node.addConfiguration(driver, """
                [drivers.%1$s]
                %2$s = "%3$s"
                [runtime_handlers.%1$s]
                driver = "%1$s"
                """.formatted(driver, key, socket));
    }

    private void live(int pods, List<String> others) throws Exception {
        push(RUNC);
        for (String driver : others) {
            push(driver);
        }
        try (DaemonProcess daemon = DaemonProcess.start(node)) {
            // Most of each is waiting: all at once take half of the time.
            try (var kubelets = Executors.newVirtualThreadPerTaskExecutor()) {
                var lives = new ArrayList<>(List.of(kubelets.submit(() -> live(daemon.client(), RUNC, pods))));
                others.forEach(driver -> lives.add(kubelets.submit(() -> live(daemon.client(), driver, PODS))));
                for (Future<Void> life : lives) {
                    life.get();
                }
            }
            // The node is taken away by force afterwards; Java writes down what it has learnt when the daemon ends by itself.
            daemon.sigterm();
        }
    }

    private Void live(CriClient cri, String handler, int pods) throws Exception {
        String image = registry.address() + "/" + name(handler) + ":1";
        cri.images().pullImage(PullImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(image).setRuntimeHandler(handler)).build());
        for (int number = 0; number < pods; number++) {
            PodSandboxConfig pod = Configs.pod(node, handler + "pod-" + number).build();
            live(cri, RunPodSandboxRequest.newBuilder().setConfig(pod).setRuntimeHandler(handler).build(), image);
        }
        return null;
    }

    /** An image of each driver's own: it belongs to the one it was pulled for last. */
    private void push(String handler) throws Exception {
        registry.push(images.busybox().env("HANDLER=" + handler).build(), name(handler), "1");
    }

    private static String name(String handler) {
        return "rehearsal" + handler;
    }

    private static void live(CriClient cri, RunPodSandboxRequest pod, String image) {
        String podId = cri.runtime().runPodSandbox(pod).getPodSandboxId();
        ContainerConfig config = Configs.container("main", image, "sleep", "3600").build();
        String id = cri.create(podId, pod.getConfig(), config);
        cri.start(id);
        cri.exec(id, PATIENCE, "true");
        look(cri, podId, id);
        cri.stop(id, 0);
        look(cri, podId, id);
        cri.remove(id);
        cri.stopPod(podId);
        cri.removePod(podId);
    }

    /** The calls a kubelet makes all the time. */
    private static void look(CriClient cri, String podId, String id) {
        cri.version();
        cri.status();
        cri.pods();
        cri.containers();
        cri.listImages();
        cri.podStatus(podId);
        cri.containerStatus(id);
    }
}
