package io.cairn.testkit;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import java.time.Duration;

/**
 * Has the daemon do what a kubelet asks of it day by day, so that Java can learn what that takes: classes, and which methods are worth
 * compiling at once (JEP 514, JEP 515). The daemon gets its options for that by CAIRN_JAVA_OPTS. To be run in namespaces of its own:
 * scripts/aot.sh.
 */
public final class Rehearsal {
    private static final String IMAGE = "rehearsal";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private Rehearsal() {}

    /** @param args how many pods */
    public static void main(String[] args) throws Exception {
        try (TestNode node = TestNode.create();
                LoopbackRegistry registry = LoopbackRegistry.start(node.root().resolve("registry"));
                DaemonProcess daemon = DaemonProcess.start(node)) {
            registry.push(new TestImages().busybox().build(), IMAGE, "1");
            String image = registry.address() + "/" + IMAGE + ":1";
            CriClient cri = daemon.client();
            cri.pull(image);
            for (int pod = 0; pod < Integer.parseInt(args[0]); pod++) {
                live(cri, Configs.pod(node, "pod-" + pod).build(), image);
            }
            // The node is taken away by force afterwards; Java writes down what it has learnt when the daemon ends by itself.
            daemon.sigterm();
        }
    }

    private static void live(CriClient cri, PodSandboxConfig pod, String image) {
        String podId = cri.runPod(pod);
        ContainerConfig config = Configs.container("main", image, "sleep", "3600").build();
        String id = cri.create(podId, pod, config);
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
