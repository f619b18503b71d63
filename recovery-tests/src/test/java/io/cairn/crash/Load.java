package io.cairn.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.testkit.Await;
import io.cairn.testkit.Configs;
import io.cairn.testkit.CriClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A client that does one random thing after the other to pods of its own and remembers what was acknowledged; when its daemon dies,
 * one call of it is in doubt. Used by one thread at a time but for {@link #acknowledged}.
 */
final class Load {
    private static final int PODS_MAX = 3;
    private static final int CONTAINERS_MAX = 8;
    /** What StartContainer leaves behind when it is known that the program has not run. */
    private static final int NOT_STARTED = 128;

    private enum Phase { CREATED, STARTED, STOPPED }

    private static final class Pod {
        final String id;
        final PodSandboxConfig config;
        final String ip;
        boolean ready = true;

        Pod(String id, PodSandboxConfig config, String ip) {
            this.id = id;
            this.config = config;
            this.ip = ip;
        }
    }

    private static final class Box {
        final String id;
        final Pod pod;
        final Kind kind;
        Phase phase = Phase.CREATED;
        /** Its start was never acknowledged: it may have run or not, but it is known which. */
        boolean startInDoubt;
        long pid;

        Box(String id, Pod pod, Kind kind) {
            this.id = id;
            this.pod = pod;
            this.kind = kind;
        }
    }

    /** @param code with which it ends by itself; none: it runs until it is told to end */
    private record Kind(ContainerConfig config, Optional<Integer> code) {
        String name() {
            return config.getMetadata().getName();
        }
    }

    /** The call that was under way, to be made again as a kubelet does. */
    private interface Call {
        void make(CriClient cri) throws Exception;
    }

    private final CrashNode host;
    private final String name;
    private final Random random;
    private final Map<String, Pod> pods = new LinkedHashMap<>();
    private final Map<String, Box> boxes = new LinkedHashMap<>();
    private final List<String> everyId = new ArrayList<>();
    private int named;
    private final AtomicInteger acknowledged = new AtomicInteger();
    private Optional<Call> inDoubt = Optional.empty();

    Load(CrashNode host, String name, long seed) {
        this.host = host;
        this.name = name;
        this.random = new Random(seed);
    }

    List<String> everyId() {
        return everyId;
    }

    /** May be asked by any thread. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Goes on until the daemon is gone. */
    void runUntilCut(CriClient cri) throws Exception {
        while (inDoubt.isEmpty()) {
            Call call = next();
            try {
                call.make(cri);
                acknowledged.incrementAndGet();
            } catch (StatusRuntimeException e) {
                if (!isLoss(e.getStatus())) {
                    throw e;
                }
                inDoubt = Optional.of(call);
            }
        }
    }

    /** Refusals are of the daemon; only these come from the loss of it. The last is how gRPC tells of a call that came to a connection at its end. */
    private static boolean isLoss(Status status) {
        return switch (status.getCode()) {
            case UNAVAILABLE, CANCELLED -> true;
            case UNKNOWN -> status.getDescription() != null && status.getDescription().toLowerCase(Locale.ROOT).startsWith("channel closed");
            default -> false;
        };
    }

    private Call next() throws Exception {
        List<Pod> ready = pods.values().stream().filter(p -> p.ready).toList();
        int dice = random.nextInt(20);
        if (ready.isEmpty() || dice < 3 && pods.size() < PODS_MAX) {
            return runPod(host.pod(fresh("pod")));
        }
        if (dice < 9 && boxes.size() < CONTAINERS_MAX) {
            return create(pick(ready), kind());
        }
        if (dice == 18) {
            return stopPod(pick(List.copyOf(pods.values())));
        }
        if (dice == 19) {
            return removePod(pick(List.copyOf(pods.values())));
        }
        return boxes.isEmpty() ? create(pick(ready), kind()) : on(pick(List.copyOf(boxes.values())));
    }

    /** The next thing in a container's life. */
    private Call on(Box box) {
        return switch (box.phase) {
            case CREATED -> box.pod.ready ? start(box) : remove(box);
            case STARTED -> random.nextInt(3) == 0 || box.kind.code().isPresent() ? stop(box) : exec(box);
            case STOPPED -> remove(box);
        };
    }

    private Kind kind() {
        String box = fresh("box");
        if (random.nextBoolean()) {
            return new Kind(host.container(box, Configs.SLEEP), Optional.empty());
        }
        int code = 1 + random.nextInt(100);
        return new Kind(host.container(box, "sleep 0.%d; (exit %d)".formatted(random.nextInt(10), code)), Optional.of(code));
    }

    private String fresh(String kind) {
        named++;
        return "%s-%s%d".formatted(kind, name, named);
    }

    private <T> T pick(List<T> from) {
        return from.get(random.nextInt(from.size()));
    }

    private Call runPod(PodSandboxConfig config) {
        return cri -> {
            String id = cri.runPod(config);
            everyId.add(id);
            pods.put(id, new Pod(id, config, cri.podStatus(id).getNetwork().getIp()));
        };
    }

    private Call create(Pod pod, Kind kind) {
        return cri -> {
            String id = cri.create(pod.id, pod.config, kind.config());
            everyId.add(id);
            boxes.put(id, new Box(id, pod, kind));
        };
    }

    private Call start(Box box) {
        return cri -> {
            // Made again after a crash: it was settled, and the container runs, or has run, or is known not to have.
            ContainerStatus status = cri.containerStatus(box.id);
            if (box.startInDoubt && status.getState() != ContainerState.CONTAINER_CREATED) {
                boolean neverRan = status.getState() == ContainerState.CONTAINER_EXITED && status.getExitCode() == NOT_STARTED;
                box.phase = neverRan ? Phase.STOPPED : Phase.STARTED;
                return;
            }
            box.startInDoubt = true;
            cri.start(box.id);
            box.startInDoubt = false;
            box.phase = Phase.STARTED;
        };
    }

    private Call stop(Box box) {
        return cri -> {
            cri.stop(box.id, random.nextInt(3));
            box.phase = Phase.STOPPED;
        };
    }

    private Call remove(Box box) {
        return cri -> {
            cri.remove(box.id);
            boxes.remove(box.id);
        };
    }

    private Call exec(Box box) {
        return cri -> assertThat(cri.sh(box.id, "echo in")).isEqualTo("in\n");
    }

    private Call stopPod(Pod pod) {
        return cri -> {
            cri.stopPod(pod.id);
            pod.ready = false;
            boxes.values().stream().filter(b -> b.pod == pod && b.phase == Phase.STARTED).forEach(b -> b.phase = Phase.STOPPED);
        };
    }

    private Call removePod(Pod pod) {
        return cri -> {
            cri.stopPod(pod.id);
            cri.removePod(pod.id);
            pods.remove(pod.id);
            boxes.values().removeIf(b -> b.pod == pod);
        };
    }

    /** After a restart: makes the call in doubt again, then compares every acknowledged fact with what is said and what is. */
    void check(CriClient cri) throws Exception {
        if (inDoubt.isPresent()) {
            inDoubt.get().make(cri);
            inDoubt = Optional.empty();
        }
        for (Pod pod : pods.values()) {
            var status = cri.podStatus(pod.id);
            assertThat(status.getState()).as("state of " + pod.config.getMetadata().getName())
                    .isEqualTo(pod.ready ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY);
            assertThat(status.getNetwork().getIp()).isEqualTo(pod.ready ? pod.ip : "");
        }
        for (Box box : boxes.values()) {
            check(cri, box);
        }
    }

    List<String> podIds() {
        return List.copyOf(pods.keySet());
    }

    List<String> containerIds() {
        return List.copyOf(boxes.keySet());
    }

    private void check(CriClient cri, Box box) throws Exception {
        String what = box.kind.name();
        if (box.phase == Phase.CREATED) {
            assertThat(cri.containerStatus(box.id).getState()).as(what).isEqualTo(ContainerState.CONTAINER_CREATED);
            assertThat(host.starts(what)).as("starts of " + what).isZero();
            return;
        }
        ContainerStatus status = box.phase == Phase.STOPPED || box.kind.code().isPresent() ? ended(cri, box) : cri.containerStatus(box.id);
        if (box.startInDoubt && status.getState() == ContainerState.CONTAINER_EXITED && status.getExitCode() == NOT_STARTED) {
            assertThat(host.starts(what)).as("starts of " + what).isZero();
            return;
        }
        if (status.getState() == ContainerState.CONTAINER_RUNNING) {
            checkRunning(cri, box);
        } else {
            assertThat(box.phase == Phase.STOPPED || box.kind.code().isPresent()).as(what + " has ended with good reason").isTrue();
            checkEnd(box, status);
        }
    }

    private ContainerStatus ended(CriClient cri, Box box) throws Exception {
        Await.until(box.kind.name() + " is shown as ended", CrashNode.PATIENCE,
                () -> cri.containerStatus(box.id).getState() == ContainerState.CONTAINER_EXITED);
        return cri.containerStatus(box.id);
    }

    private void checkRunning(CriClient cri, Box box) throws Exception {
        long pid = cri.pid(box.id);
        assertThat(CrashNode.isAlive(pid)).as("process of " + box.kind.name()).isTrue();
        assertThat(box.pid == 0 || box.pid == pid).as("the same process as before").isTrue();
        box.pid = pid;
        assertThat(cri.sh(box.id, "echo in")).isEqualTo("in\n");
        Await.until(box.kind.name() + " marks its start", CrashNode.PATIENCE, () -> host.starts(box.kind.name()) > 0);
        assertThat(host.starts(box.kind.name())).as("starts of " + box.kind.name()).isOne();
    }

    /** One that was killed before it could mark anything has no mark; one that has marked its end has ended by itself. */
    private void checkEnd(Box box, ContainerStatus status) throws Exception {
        String what = box.kind.name();
        assertThat(host.starts(what)).as("starts of " + what).isLessThanOrEqualTo(1);
        boolean byItself = box.kind.code().isPresent() && Files.exists(host.mark(what + ".end")) && status.getExitCode() != 137;
        if (byItself) {
            assertThat(status.getExitCode()).as("code of " + what).isEqualTo(box.kind.code().get());
            OnCrashNode.assertFinishedAt(status, host.mark(what + ".end"));
        } else {
            assertThat(status.getExitCode()).as("code of " + what).isIn(0, 137, 143);
            assertThat(box.phase).as(what + " was told to end").isEqualTo(Phase.STOPPED);
        }
    }
}
