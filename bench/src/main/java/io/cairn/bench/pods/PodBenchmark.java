package io.cairn.bench.pods;

import io.cairn.testkit.DaemonProcess;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.TestImages;
import io.cairn.testkit.TestNode;
import java.nio.file.Path;
import java.util.List;

/**
 * Cairn and another runtime, one pod each in turn, so that what disturbs the machine disturbs both. Both daemons are started anew before the
 * first measured pod: a node's first pods count, not only those of a warm program.
 *
 * <p>Which driver Cairn has is the property {@code cairn.test.driver}'s to say; on Docker the other runtime is cri-dockerd on the same engine, else
 * containerd with an engine of its own. To be run in namespaces of its own: scripts/bench-pods.sh.
 */
public final class PodBenchmark {
    private static final String IMAGE = "bench/busybox";
    private static final String PAUSE = "bench/pause";

    private PodBenchmark() {}

    /** @param args how many pods on each runtime */
    public static void main(String[] args) throws Exception {
        int pods = Integer.parseInt(args[0]);
        try (TestNode node = TestNode.createWithoutNetwork()) {
            node.addNetwork(Network.conflist("bench-cairn", "bnch0", node.root().resolve("addresses"), 0));
            compare(node, pods);
        }
    }

    private static void compare(TestNode node, int pods) throws Exception {
        try (LoopbackRegistry registry = fillRegistry(node);
                DaemonProcess daemon = DaemonProcess.start(node);
                Rival rival = rival(node, registry.address() + "/" + PAUSE + ":1")) {
            String image = registry.address() + "/" + IMAGE + ":1";
            var ours = new Contestant("cairn", node, daemon::client);
            var theirs = new Contestant(rival.name(), node, rival::client);
            daemon.client().pull(image);
            rival.client().pull(image);
            // Of this program the measured rounds shall be no part that is cold, of the host none that is made once.
            for (Contestant contestant : List.of(ours, theirs)) {
                contestant.live(image, "before");
                contestant.reset();
            }
            daemon.sigterm();
            daemon.start();
            rival.restart();
            for (int pod = 0; pod < pods; pod++) {
                ours.live(image, Integer.toString(pod));
                theirs.live(image, Integer.toString(pod));
            }
            new Table(System.out, ours, theirs).print(pods);
            rival.client().removeEverything();
        }
    }

    private static Rival rival(TestNode node, String pauseImage) throws Exception {
        Path root = node.root().resolve("rival");
        return node.driver().name().equals("docker") ? Rival.criDockerd(root, pauseImage, node.backendDir().resolve("docker.sock"))
                : Rival.containerd(root, pauseImage);
    }

    private static LoopbackRegistry fillRegistry(TestNode node) throws Exception {
        LoopbackRegistry registry = LoopbackRegistry.start(node.root().resolve("registry"));
        var images = new TestImages();
        registry.push(images.busybox().build(), IMAGE, "1");
        registry.push(images.busybox().command("sleep", "86400").build(), PAUSE, "1");
        return registry;
    }
}
