package io.cairn.testkit;

import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandboxConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

/**
 * Measures for how long a full node is without its runtime: real pods with real containers, whose daemon is killed with SIGKILL and
 * started again; the clock runs from exec to the first answered ListContainers. {@code make ready-again}.
 */
public final class ReadyAgain {
    private static final int PODS = Integer.getInteger("cairn.pods", 110);
    private static final int CONTAINERS_PER_POD = 3;
    private static final int RUNS = Integer.getInteger("cairn.runs", 7);
    private static final int CLIENTS = 4;
    private static final String IMAGE = "ready.cairn.test/busybox:1";

    private ReadyAgain() {}

    public static void main(String[] args) throws Exception {
        // The pods use the host's network: what a network plugin takes to set up is no part of this.
        try (TestNode node = TestNode.createWithoutNetwork();
                LoopbackRegistry registry = LoopbackRegistry.start(node.root().resolve("registry"))) {
            registry.push(new TestImages().busybox().build(), "busybox", "1");
            node.mirror("ready.cairn.test", registry);
            try (DaemonProcess daemon = DaemonProcess.start(node)) {
                daemon.client().pull(IMAGE);
                fill(node, daemon.client());
                System.out.printf("%d pods with %d containers run; the daemon is killed and started %d times%n", PODS, PODS * CONTAINERS_PER_POD, RUNS);
                measure(daemon);
            }
        }
    }

    private static void fill(TestNode node, CriClient cri) throws Exception {
        try (var clients = Executors.newFixedThreadPool(CLIENTS)) {
            List<Callable<Void>> jobs = new ArrayList<>();
            IntStream.range(0, PODS).forEach(i -> jobs.add(() -> runPod(node, cri, "pod" + i)));
            for (Future<Void> done : clients.invokeAll(jobs)) {
                done.get();
            }
        }
    }

    private static Void runPod(TestNode node, CriClient cri, String name) throws Exception {
        PodSandboxConfig.Builder config = Configs.pod(node, name);
        config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE);
        PodSandboxConfig pod = config.clearHostname().build();
        String podId = cri.runPod(pod);
        for (int i = 0; i < CONTAINERS_PER_POD; i++) {
            cri.start(cri.create(podId, pod, Configs.container("box" + i, IMAGE, "sleep", "1000000").build()));
        }
        return null;
    }

    private static void measure(DaemonProcess daemon) throws Exception {
        var millis = new ArrayList<Long>();
        var processorMillis = new ArrayList<Long>();
        for (int run = 0; run < RUNS; run++) {
            daemon.kill9();
            long begun = System.nanoTime();
            daemon.start();
            long running = daemon.client().containers().stream().filter(c -> c.getState() == ContainerState.CONTAINER_RUNNING).count();
            millis.add((System.nanoTime() - begun) / 1_000_000);
            processorMillis.add(ProcessHandle.of(daemon.pid()).orElseThrow().info().totalCpuDuration().orElseThrow().toMillis());
            if (running != (long) PODS * CONTAINERS_PER_POD) {
                throw new IllegalStateException("Expected %d running containers, but %d are shown; the daemon's log ends with:%n%s".formatted(
                        PODS * CONTAINERS_PER_POD, running, daemon.logTail()));
            }
        }
        tell("ready again after", millis);
        tell("of processor time until then", processorMillis);
    }

    private static void tell(String what, List<Long> millis) {
        String all = String.join(", ", millis.stream().map(Object::toString).toList());
        millis.sort(null);
        System.out.printf("%s: median %d ms, max %d ms (%s)%n", what, millis.get(RUNS / 2), millis.getLast(), all);
    }
}
