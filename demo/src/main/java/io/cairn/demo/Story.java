package io.cairn.demo;

import static io.cairn.demo.Narrator.millisSince;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxFilter;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.cairn.testkit.DaemonProcess;
import io.cairn.testkit.Leaks;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestImages;
import io.cairn.testkit.TestNode;
import io.grpc.StatusRuntimeException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The story, step by step. Throws an AssertionError as soon as something is not as promised. */
final class Story {
    private static final String IMAGE = "demo.cairn.test/walk:1";
    private static final String PAGE = "Every passage adds a stone.\n";
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final TestNode node;
    private final Narrator narrator;
    private final Leaks leaks;
    private final List<String> ids = new ArrayList<>();

    Story(TestNode node, Narrator narrator) throws Exception {
        this.node = node;
        this.narrator = narrator;
        this.leaks = Leaks.since(node);
    }

    void tell() throws Exception {
        try (LoopbackRegistry registry = fillRegistry(); DaemonProcess daemon = startDaemon()) {
            pull(daemon.client());
            PodSandboxConfig web = podWeb();
            String podId = runWeb(daemon.client(), web);
            visit(daemon.client(), podId);
            Facts before = Facts.of(daemon.client(), podId);
            PodSandboxConfig late = Configs.pod(node, "late").build();
            killWhileMaking(daemon, late);
            startAgain(daemon, before, podId);
            retry(daemon.client(), late);
            history(daemon);
            tidyUp(daemon.client());
        }
        narrator.end("Nothing was lost, nothing was done twice, nothing is left behind.");
    }

    private LoopbackRegistry fillRegistry() throws Exception {
        LoopbackRegistry registry = LoopbackRegistry.start(node.root().resolve("registry"));
        OciImage image = new TestImages().busybox().files(Map.of("www/index.html", PAGE)).build();
        registry.push(image, "walk", "1");
        node.mirror("demo.cairn.test", registry);
        narrator.step("A registry on loopback holds %s, made of this machine's busybox (%d layers).", IMAGE, image.layers().size());
        return registry;
    }

    private DaemonProcess startDaemon() throws Exception {
        long begun = System.nanoTime();
        DaemonProcess daemon = DaemonProcess.start(node);
        narrator.step("cairn serve is up: pid %d, ready in %d ms, everything below %s.", daemon.pid(), millisSince(begun), node.root());
        return daemon;
    }

    private void pull(CriClient cri) {
        long begun = System.nanoTime();
        String id = cri.pull(IMAGE);
        narrator.step("Pulled %s in %d ms: image %s.", IMAGE, millisSince(begun), Facts.shortId(id.replace("sha256:", "")));
    }

    private PodSandboxConfig podWeb() throws Exception {
        return Configs.pod(node, "web").build();
    }

    private String runWeb(CriClient cri, PodSandboxConfig pod) {
        long begun = System.nanoTime();
        String podId = cri.runPod(pod);
        ids.add(podId);
        start(cri, podId, pod, Configs.container("server", IMAGE, "httpd", "-f", "-p", "8080", "-h", "/www").build());
        start(cri, podId, pod, Configs.shell("worker", IMAGE, "n=0; while sleep 0.05; do n=$((n+1)); echo stone $n; done").build());
        narrator.step("Pod web runs two containers under runc, %d ms after it was asked for:", millisSince(begun));
        narrator.detail("server, httpd on %s:8080; worker, which writes a line to its log every 50 ms", ip(cri, podId));
        return podId;
    }

    private void start(CriClient cri, String podId, PodSandboxConfig pod, ContainerConfig config) {
        String id = cri.create(podId, pod, config);
        ids.add(id);
        cri.start(id);
    }

    private static String ip(CriClient cri, String podId) {
        return cri.podStatus(podId).getNetwork().getIp();
    }

    private void visit(CriClient cri, String podId) throws Exception {
        String page = page(ip(cri, podId));
        require(page.equals(PAGE), "the page to be \"%s\", but it is \"%s\"", PAGE.strip(), page.strip());
        String worker = cri.containers().stream().filter(c -> c.getMetadata().getName().equals("worker")).findFirst().orElseThrow().getId();
        narrator.step("A page over the pod network: \"%s\"", page.strip());
        narrator.detail("and \"hostname\" run in worker says: %s", cri.sh(worker, "hostname").strip());
    }

    private static String page(String ip) throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://" + ip + ":8080/")).timeout(PATIENCE).build();
            // The server is started, which does not yet mean that it listens.
            Await.until("httpd listens on " + ip, PATIENCE, () -> listens(http, request));
            return http.send(request, BodyHandlers.ofString()).body();
        }
    }

    private static boolean listens(HttpClient http, HttpRequest request) throws Exception {
        try {
            return http.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (java.net.ConnectException e) {
            return false;
        }
    }

    /** The moment is that in which the pod's network namespace is there and its network, most likely, is not. */
    private void killWhileMaking(DaemonProcess daemon, PodSandboxConfig late) throws Exception {
        CriClient cri = daemon.client();
        int namespaces = Leaks.networkNamespaces(node);
        try (ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor()) {
            long begun = System.nanoTime();
            var call = CompletableFuture.supplyAsync(() -> cri.runPod(late), calls);
            boolean half = Await.closely(PATIENCE, () -> call.isDone() || Leaks.networkNamespaces(node) > namespaces);
            daemon.kill9();
            long millis = millisSince(begun);
            require(half, "a second network namespace");
            String answer = call.handle((id, failure) -> failure == null ? "was answered just before" : "was not answered").join();
            narrator.step("kill -9 of the daemon, %d ms into the making of a second pod, late; that call %s.", millis, answer);
        }
        int lines = workerLines();
        Await.until("the worker writes on while there is no daemon", PATIENCE, () -> workerLines() >= lines + 5);
        narrator.detail("Nobody is in charge now, but worker's log goes on: line %d, line %d.", lines, workerLines());
    }

    private int workerLines() throws Exception {
        return Files.readAllLines(workerLog()).size();
    }

    private Path workerLog() throws Exception {
        return node.logDirectory("web").resolve("worker.log");
    }

    private void startAgain(DaemonProcess daemon, Facts before, String podId) throws Exception {
        long begun = System.nanoTime();
        daemon.start();
        narrator.step("Started again: pid %d, ready in %d ms. What it said before:", daemon.pid(), millisSince(begun));
        narrator.detail("%s", before.table());
        Facts after = Facts.of(daemon.client(), podId);
        narrator.detail("and says now:");
        narrator.detail("%s", after.table());
        require(after.equals(before), "every container and status to be as before, but was:%n%s%nand is:%n%s", before, after);
        require(page(ip(daemon.client(), podId)).equals(PAGE), "the page to be served as before");
        requireEveryLineOnce();
        narrator.detail("Every field of every status is equal, the processes are the same, no line of the log is missing.");
    }

    /** A line of a CRI log: time, stream, tag, text. A worker that had been started twice would count twice. */
    private void requireEveryLineOnce() throws Exception {
        List<String> lines = Files.readAllLines(workerLog());
        for (int i = 0; i < lines.size(); i++) {
            require(lines.get(i).endsWith(" stdout F stone " + (i + 1)), "line %d of worker's log to say stone %d, but it is: %s", i + 1, i + 1,
                    lines.get(i));
        }
    }

    private void retry(CriClient cri, PodSandboxConfig late) throws Exception {
        var found = cri.pods(PodSandboxFilter.newBuilder().putLabelSelector("app", "late").build());
        int namespaces = Leaks.networkNamespaces(node);
        require(namespaces == 1 + found.size(), "one network namespace for each pod, but there are %d for %d pods", namespaces, 1 + found.size());
        narrator.step("The half-made pod late is %s.", found.isEmpty() ? "gone from this host, with everything it had" : "whole");
        long begun = System.nanoTime();
        String id = cri.runPod(late);
        ids.add(id);
        require(found.isEmpty() || found.getFirst().getId().equals(id), "the retry to find the pod that is there");
        narrator.detail("Asked for once more, as a kubelet does: pod %s, %s, in %d ms.", Facts.shortId(id), ip(cri, id), millisSince(begun));
    }

    private void history(DaemonProcess daemon) throws Exception {
        String history = daemon.command("log", "--pod", "test/web").orThrow();
        require(history.lines().count() >= 6, "at least six events of pod web, but there are:%n%s", history);
        narrator.step("The journal knows the life of the pod (cairn log --pod test/web):");
        narrator.detail("%s", history);
    }

    private void tidyUp(CriClient cri) throws Exception {
        long begun = System.nanoTime();
        cri.removeEverything();
        leaks.assertNothingLeft(ids);
        narrator.step("Removed both pods and the image in %d ms. Looked at this host for mounts, namespaces, links, addresses,", millisSince(begun));
        narrator.detail("packet filter rules, cgroups and processes of theirs: there are none.");
    }

    private static void require(boolean condition, String expected, Object... arguments) {
        if (!condition) {
            throw new AssertionError("expected " + expected.formatted(arguments));
        }
    }
}
