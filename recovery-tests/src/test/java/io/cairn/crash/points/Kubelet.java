package io.cairn.crash.points;

import com.google.protobuf.ByteString;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.ExecRequest;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NetworkConfig;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.RemoveContainerRequest;
import io.cairn.proto.cri.RemoveImageRequest;
import io.cairn.proto.cri.RemovePodSandboxRequest;
import io.cairn.proto.cri.ReopenContainerLogRequest;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RuntimeConfig;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.cri.StopContainerRequest;
import io.cairn.proto.cri.StopPodSandboxRequest;
import io.cairn.proto.cri.UpdateContainerResourcesRequest;
import io.cairn.proto.cri.UpdatePodSandboxResourcesRequest;
import io.cairn.proto.cri.UpdateRuntimeConfigRequest;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.DriverUnderTest;
import io.cairn.testkit.TestImages;
import io.cairn.testkit.TestNode;
import io.cairn.testkit.stream.SpdyClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

/**
 * A kubelet that knows what it has asked for and what it was answered. Every method makes one call that changes something, and may be
 * called again when that call was cut off: it then does what a kubelet does. Used by one thread at a time.
 */
final class Kubelet {
    static final String IMAGE = "crash.cairn.test/hollow:1";
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    /** What a container has as its exit code when it is known that its program has not run. */
    static final int NEVER_RAN = 128;

    /** Of the processors, after an update; what cgroup v2 makes a weight of 20. */
    static final long SHARES = 512;

    /** How far a pod or container has come; those in -ING are asked for, and not answered yet. */
    enum Phase { MAKING, MADE, STARTING, STARTED, ENDING, ENDED, GOING }

    /** What was asked for, and what was answered. */
    static final class Pod {
        final String name;
        final PodSandboxConfig config;
        final boolean onHostNetwork;
        final boolean sharesProcesses;
        Phase phase = Phase.MAKING;
        String id = "";
        String ip = "";

        Pod(String name, PodSandboxConfig config) {
            var namespaces = config.getLinux().getSecurityContext().getNamespaceOptions();
            this.name = name;
            this.config = config;
            this.onHostNetwork = namespaces.getNetwork() == NamespaceMode.NODE;
            this.sharesProcesses = namespaces.getPid() == NamespaceMode.POD;
        }
    }

    /** @see Pod */
    static final class Box {
        final String name;
        final Pod pod;
        final ContainerConfig config;
        /** With which its program ends by itself; −1: only when it is told to. */
        final int code;
        Phase phase = Phase.MAKING;
        String id = "";
        /** It was answered that the kernel gives it {@link #SHARES}. */
        boolean limited;
        /** Its log is moved away, and a new one not there yet. */
        boolean withoutLog;
        int linesAsked;
        int execsAsked;
        int execsAnswered;

        Box(String name, Pod pod, ContainerConfig config, int code) {
            this.name = name;
            this.pod = pod;
            this.config = config;
            this.code = code;
        }

        /** It goes on from an archive, in the middle of its program. */
        boolean isRestored() {
            return config.getImage().getImage().startsWith("/");
        }

        /** What its program has written of itself once it runs. */
        long marksOfStart() {
            return isRestored() ? 0 : 1;
        }

        String mark() {
            return "%s.%d".formatted(name, config.getMetadata().getAttempt());
        }
    }

    final Map<String, Pod> pods = new LinkedHashMap<>();
    final Map<String, Box> boxes = new LinkedHashMap<>();
    /** Of each name, the attempt that comes next: what an attempt has written stays. */
    private final Map<String, Integer> attempts = new HashMap<>();
    final Archives archives = new Archives(this);
    final Lines lines = new Lines(this);
    Phase image = Phase.ENDED;
    String imageId = "";
    final TestNode node;
    final Path marks;
    private final String prefix;
    /** What the image is on disk, as {@link HostFacts} names it. */
    final Set<String> imageContent;
    Client cri;

    /** @param prefix makes the names of this run its own */
    Kubelet(TestNode node, String prefix, Set<String> imageContent) {
        this.imageContent = imageContent;
        this.node = node;
        this.prefix = prefix;
        this.marks = node.root().resolve("marks");
    }

    void pull() {
        image = Phase.MAKING;
        imageId = cri.call(ImageServiceGrpc.getPullImageMethod(), PullImageRequest.newBuilder().setImage(spec(IMAGE)).build()).getImageRef();
        image = Phase.MADE;
    }

    void removeImage() {
        image = Phase.GOING;
        cri.call(ImageServiceGrpc.getRemoveImageMethod(), RemoveImageRequest.newBuilder().setImage(spec(IMAGE)).build());
        image = Phase.ENDED;
    }

    static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }

    void runPod(String name) throws Exception {
        if (!pods.containsKey(name)) {
            pods.put(name, new Pod(name, Configs.pod(node, prefix + name).build()));
        }
        run(pods.get(name));
    }

    /** A pod on the node's network, whose containers see each other's processes. */
    void runSharedPod(String name) throws Exception {
        if (!pods.containsKey(name)) {
            var config = Configs.pod(node, prefix + name);
            config.getLinuxBuilder().getSecurityContextBuilder().getNamespaceOptionsBuilder().setNetwork(NamespaceMode.NODE).setPid(NamespaceMode.POD);
            pods.put(name, new Pod(name, config.build()));
        }
        run(pods.get(name));
    }

    private void run(Pod pod) {
        pod.id = cri.call(RuntimeServiceGrpc.getRunPodSandboxMethod(), RunPodSandboxRequest.newBuilder().setConfig(pod.config).build()).getPodSandboxId();
        pod.phase = Phase.MADE;
        pod.ip = cri.call(RuntimeServiceGrpc.getPodSandboxStatusMethod(), PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.id).build())
                .getStatus().getNetwork().getIp();
    }

    void stopPod(String name) {
        Pod pod = pods.get(name);
        pod.phase = Phase.ENDING;
        boxes.values().stream().filter(b -> b.pod == pod && b.phase == Phase.STARTED).forEach(b -> b.phase = Phase.ENDING);
        cri.call(RuntimeServiceGrpc.getStopPodSandboxMethod(), StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.id).build());
        pod.phase = Phase.ENDED;
        boxes.values().stream().filter(b -> b.pod == pod && b.phase == Phase.ENDING).forEach(b -> b.phase = Phase.ENDED);
    }

    void removePod(String name) {
        Pod pod = pods.get(name);
        pod.phase = Phase.GOING;
        boxes.values().stream().filter(b -> b.pod == pod).forEach(b -> b.phase = Phase.GOING);
        cri.call(RuntimeServiceGrpc.getRemovePodSandboxMethod(), RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.id).build());
        pods.remove(name);
        boxes.values().removeIf(b -> b.pod == pod);
    }

    /** A container that runs until it is told to end. */
    void create(String podName, String name) throws Exception {
        create(podName, name, "trap 'exit 0' TERM; /bin/busybox sleep 1000 & wait", -1);
    }

    /** A container that ends by itself. */
    void createShort(String podName, String name, int code) throws Exception {
        create(podName, name, "exit " + code, code);
    }

    private void create(String podName, String name, String script, int code) throws Exception {
        if (!boxes.containsKey(name)) {
            int attempt = nextAttempt(name);
            String mark = "%s.%d".formatted(name, attempt);
            var config = Configs.shell(name, IMAGE, "echo started >> /marks/%s; %s".formatted(mark, script))
                    .addMounts(TestImages.program())
                    .addMounts(Mount.newBuilder().setHostPath(marks.toString()).setContainerPath("/marks"));
            config.getMetadataBuilder().setAttempt(attempt);
            config.setLogPath(mark + ".log");
            boxes.put(name, new Box(name, pods.get(podName), config.build(), code));
        }
        create(boxes.get(name));
    }

    void create(Box box) {
        box.id = cri.call(RuntimeServiceGrpc.getCreateContainerMethod(), CreateContainerRequest.newBuilder().setPodSandboxId(box.pod.id)
                .setSandboxConfig(box.pod.config).setConfig(box.config).build()).getContainerId();
        box.phase = Phase.MADE;
    }

    /** One whose start a crash prevented is removed, and the next attempt takes its place. */
    void start(String name) throws Exception {
        Box box = boxes.get(name);
        if (box.phase == Phase.STARTED) {
            return;
        }
        if (box.phase == Phase.GOING || box.phase == Phase.STARTING && neverRan(status(box))) {
            replace(name);
            box = boxes.get(name);
        } else if (box.phase == Phase.MAKING) {
            create(box);
        }
        if (box.phase == Phase.STARTING && status(box).getState() != ContainerState.CONTAINER_CREATED) {
            box.phase = Phase.STARTED;
            return;
        }
        box.phase = Phase.STARTING;
        cri.call(RuntimeServiceGrpc.getStartContainerMethod(), StartContainerRequest.newBuilder().setContainerId(box.id).build());
        box.phase = Phase.STARTED;
    }

    /** By its next attempt, which is not started. */
    void replace(String name) throws Exception {
        Box box = boxes.get(name);
        remove(name);
        if (box.isRestored()) {
            create(archives.restored(box.pod.name, name, box.config.getImage().getImage()));
        } else {
            create(box.pod.name, name, script(box), box.code);
        }
    }

    int nextAttempt(String name) {
        return attempts.merge(name, 1, Integer::sum) - 1;
    }

    private static String script(Box box) {
        String command = box.config.getCommand(2);
        return command.substring(command.indexOf(';') + 2);
    }

    static boolean neverRan(ContainerStatus status) {
        return status.getState() == ContainerState.CONTAINER_EXITED && status.getExitCode() == NEVER_RAN;
    }

    ContainerStatus status(Box box) {
        return cri.call(RuntimeServiceGrpc.getContainerStatusMethod(), ContainerStatusRequest.newBuilder().setContainerId(box.id).build()).getStatus();
    }

    void exec(String name) {
        Box box = boxes.get(name);
        box.execsAsked++;
        var answer = cri.call(RuntimeServiceGrpc.getExecSyncMethod(), ExecSyncRequest.newBuilder().setContainerId(box.id).setTimeout(20)
                .addAllCmd(command(box)).build());
        if (answer.getExitCode() != 0 || !answer.getStdout().equals(ByteString.copyFromUtf8("in\n"))) {
            throw new AssertionError("Expected the command to say in, but it ended with " + answer);
        }
        box.execsAnswered++;
    }

    /** A command whose output comes over a connection of its own. @throws IOException when that ends before the command is said to have */
    void execStreamed(String name) throws Exception {
        Box box = boxes.get(name);
        box.execsAsked++;
        String url = cri.call(RuntimeServiceGrpc.getExecMethod(), ExecRequest.newBuilder().setContainerId(box.id).setStdout(true)
                .addAllCmd(command(box)).build()).getUrl();
        try (var client = SpdyClient.connect(url, "v4.channel.k8s.io")) {
            var error = client.open("error");
            String said = client.open("stdout").received.text();
            String end = error.received.text();
            if (end.isEmpty()) {
                throw new IOException("Expected to be told how the command ended, but the connection was cut");
            }
            if (!said.equals("in\n") || !end.contains("\"status\":\"Success\"")) {
                throw new AssertionError("Expected the command to say in, but it said %s and ended with %s".formatted(said, end));
            }
        }
        box.execsAnswered++;
    }

    private static List<String> command(Box box) {
        return List.of("sh", "-c", "echo run >> /marks/%s.exec; echo in".formatted(box.mark()));
    }

    void limit(String name) {
        Box box = boxes.get(name);
        cri.call(RuntimeServiceGrpc.getUpdateContainerResourcesMethod(), UpdateContainerResourcesRequest.newBuilder().setContainerId(box.id)
                .setLinux(LinuxContainerResources.newBuilder().setCpuShares(SHARES)).build());
        box.limited = true;
    }

    void limitPod(String name) {
        cri.call(RuntimeServiceGrpc.getUpdatePodSandboxResourcesMethod(), UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(pods.get(name).id).setResources(LinuxContainerResources.newBuilder().setCpuShares(SHARES)).build());
    }

    /** The network configuration that is there is of the same network, and has to be made anew all the same. */
    void configure() throws IOException {
        Files.writeString(node.networkMade(), Files.readString(node.networkMade()) + "\n");
        cri.call(RuntimeServiceGrpc.getUpdateRuntimeConfigMethod(), UpdateRuntimeConfigRequest.newBuilder().setRuntimeConfig(
                RuntimeConfig.newBuilder().setNetworkConfig(NetworkConfig.newBuilder().setPodCidr(node.podRange()))).build());
    }

    /** As a log is rotated: moved away, and a new one asked for. */
    void reopenLog(String name) throws IOException {
        Box box = boxes.get(name);
        if (!node.driver().can(DriverUnderTest.Feature.REOPENED_LOGS)) {
            requireNoReopening(box);
            return;
        }
        Path log = log(box);
        box.withoutLog = true;
        if (Files.exists(log)) {
            Files.move(log, Lines.rotated(log).getLast());
        }
        cri.call(RuntimeServiceGrpc.getReopenContainerLogMethod(), ReopenContainerLogRequest.newBuilder().setContainerId(box.id).build());
        box.withoutLog = false;
    }

    private void requireNoReopening(Box box) {
        try {
            cri.call(RuntimeServiceGrpc.getReopenContainerLogMethod(), ReopenContainerLogRequest.newBuilder().setContainerId(box.id).build());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.UNIMPLEMENTED) {
                return;
            }
            throw e;
        }
        throw new AssertionError("Expected logs of %s not to be reopened by the driver %s".formatted(box.name, node.driver().name()));
    }

    void stop(String name, long graceSeconds) {
        Box box = boxes.get(name);
        box.phase = Phase.ENDING;
        cri.call(RuntimeServiceGrpc.getStopContainerMethod(), StopContainerRequest.newBuilder().setContainerId(box.id).setTimeout(graceSeconds).build());
        box.phase = Phase.ENDED;
    }

    void remove(String name) {
        Box box = boxes.get(name);
        box.phase = Phase.GOING;
        cri.call(RuntimeServiceGrpc.getRemoveContainerMethod(), RemoveContainerRequest.newBuilder().setContainerId(box.id).build());
        boxes.remove(name);
    }

    /** Waits until one that ends by itself is shown as ended. */
    void awaitEnd(String name) throws Exception {
        Box box = boxes.get(name);
        await(name + " is shown as ended", () -> status(box).getState() == ContainerState.CONTAINER_EXITED);
    }

    /** Waits until the driver has noted anew which containers are alive. */
    void awaitLook() throws Exception {
        Path alive = node.root().resolve("state").resolve(node.driver().name()).resolve("alive");
        FileTime before = Files.exists(alive) ? Files.getLastModifiedTime(alive) : FileTime.fromMillis(0);
        await("a look at the containers", () -> Files.exists(alive) && !Files.getLastModifiedTime(alive).equals(before));
    }

    /** Waits for what the daemon does by itself. @throws IOException when it is dead before */
    void await(String what, Callable<Boolean> condition) throws Exception {
        Await.until(what, PATIENCE, () -> cri.isGone() || condition.call());
        if (!condition.call()) {
            throw new IOException("The daemon died before this: " + what);
        }
    }

    /** How often a program says it was started. */
    long marks(String name) throws IOException {
        Path mark = marks.resolve(name);
        return Files.exists(mark) ? Files.readAllLines(mark).size() : 0;
    }

    Path log(Box box) {
        return Path.of(box.pod.config.getLogDirectory(), box.config.getLogPath());
    }
}
