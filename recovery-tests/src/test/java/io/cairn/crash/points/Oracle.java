package io.cairn.crash.points;

import io.cairn.crash.points.HostFacts.Owned;
import io.cairn.crash.points.Kubelet.Box;
import io.cairn.crash.points.Kubelet.Phase;
import io.cairn.crash.points.Kubelet.Pod;
import io.cairn.proto.cri.Container;
import io.cairn.proto.cri.ContainerState;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListImagesRequest;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.proto.cri.PodSandboxState;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.testkit.TestNode;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Compares three things: what CRI answered before a crash, what it says now, and what this host really holds. Nothing that was
 * answered may be lost, nothing may be claimed that is not there, nothing may be there that is not claimed.
 */
final class Oracle {
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final TestNode node;
    private final Witness witness;
    private final Kubelet kubelet;
    private final Client cri;

    Oracle(TestNode node, Kubelet kubelet, Client cri) {
        this.node = node;
        this.witness = Witness.of(node);
        this.kubelet = kubelet;
        this.cri = cri;
    }

    /** What must be there, and what besides may be. */
    private static final class Expected {
        final Set<String> must = new TreeSet<>();
        final Set<String> may = new TreeSet<>();
        final Map<String, Boolean> mayHaveProcesses = new HashMap<>();
        final List<String> wrong = new ArrayList<>();
        int veths;

        void require(boolean condition, String message, Object... arguments) {
            if (!condition) {
                wrong.add(message.formatted(arguments));
            }
        }
    }

    /** Programs end and the kernel cleans up in their own time: looks until all agrees, or nothing will change any more. */
    void assertAgree() throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        List<String> wrong = differences();
        while (!wrong.isEmpty() && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
            wrong = differences();
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError(String.join("\n    ", wrong));
        }
    }

    private List<String> differences() throws Exception {
        var expected = new Expected();
        pods(expected);
        containers(expected);
        images(expected);
        HostFacts facts = HostFacts.of(node);
        var wrong = new ArrayList<>(expected.wrong);
        for (int veth = 1; veth <= expected.veths; veth++) {
            expected.must.add("veth " + veth);
        }
        expected.must.stream().filter(thing -> !facts.held().contains(thing)).forEach(thing -> wrong.add("missing: " + thing));
        facts.held().stream().filter(thing -> !expected.must.contains(thing) && !expected.may.contains(thing))
                .forEach(thing -> wrong.add("left over: " + thing));
        for (Owned process : facts.processes()) {
            if (!expected.mayHaveProcesses.getOrDefault(process.id(), false)) {
                wrong.add("process %d of %s, which should have none".formatted(process.pid(), process.id()));
            }
        }
        return wrong;
    }

    private void pods(Expected expected) {
        var claimed = new HashMap<String, PodSandbox>();
        for (PodSandbox pod : cri.call(RuntimeServiceGrpc.getListPodSandboxMethod(), ListPodSandboxRequest.getDefaultInstance()).getItemsList()) {
            expected.require(claimed.put(pod.getMetadata().getName(), pod) == null, "pod %s is there twice", pod.getMetadata().getName());
        }
        for (Pod pod : kubelet.pods.values()) {
            Optional<PodSandbox> claim = Optional.ofNullable(claimed.remove(pod.config.getMetadata().getName()));
            answered(expected, pod, claim);
            claim.ifPresent(c -> held(expected, pod, c));
        }
        claimed.keySet().forEach(name -> expected.require(false, "pod %s is claimed, and nobody asked for it", name));
    }

    private static void answered(Expected expected, Pod pod, Optional<PodSandbox> claim) {
        Optional<PodSandboxState> state = claim.map(PodSandbox::getState);
        boolean isReady = state.equals(Optional.of(PodSandboxState.SANDBOX_READY));
        boolean isNotReady = state.equals(Optional.of(PodSandboxState.SANDBOX_NOTREADY));
        boolean holds = switch (pod.phase) {
            case MAKING -> state.isEmpty() || isReady;
            case MADE -> isReady;
            case ENDING -> isReady || isNotReady;
            case ENDED -> isNotReady;
            case GOING -> state.isEmpty() || isNotReady;
            case STARTING, STARTED -> false;
        };
        expected.require(holds, "pod %s was last %s, and is now %s", pod.name, pod.phase, state);
        expected.require(pod.id.isEmpty() || claim.isEmpty() || claim.get().getId().equals(pod.id), "pod %s had the id %s, and now has %s", pod.name,
                pod.id, claim.map(PodSandbox::getId));
    }

    private void held(Expected expected, Pod pod, PodSandbox claim) {
        String id = claim.getId();
        expected.must.addAll(witness.ofPod(id));
        if (claim.getState() != PodSandboxState.SANDBOX_READY) {
            return;
        }
        expected.must.addAll(witness.ofReadyPod(id, pod.onHostNetwork));
        String ip = cri.call(RuntimeServiceGrpc.getPodSandboxStatusMethod(), PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
                .getStatus().getNetwork().getIp();
        expected.require(pod.ip.isEmpty() || ip.equals(pod.ip), "pod %s had the address %s, and now has %s", pod.name, pod.ip, ip);
        if (!pod.onHostNetwork) {
            expected.must.addAll(List.of("attachment " + id + ".json", "address " + ip + " of " + id));
            expected.veths++;
        }
        if (pod.sharesProcesses) {
            expected.must.addAll(witness.ofInit(id));
        }
        witness.cgroupsOfPod(id, pod.sharesProcesses).forEach(cgroup -> expected.mayHaveProcesses.put(cgroup, true));
    }

    private void containers(Expected expected) throws Exception {
        var claimed = new HashMap<String, Container>();
        for (Container container : cri.call(RuntimeServiceGrpc.getListContainersMethod(), ListContainersRequest.getDefaultInstance()).getContainersList()) {
            expected.require(claimed.put(container.getMetadata().getName(), container) == null, "container %s is there twice",
                    container.getMetadata().getName());
        }
        kubelet.archives.answered.forEach((name, answered) -> (answered ? expected.must : expected.may).add("archive " + name));
        for (Box box : kubelet.boxes.values()) {
            Optional<Container> claim = Optional.ofNullable(claimed.remove(box.name));
            answered(expected, box, claim.map(Container::getState));
            expected.require(box.id.isEmpty() || claim.isEmpty() || claim.get().getId().equals(box.id), "container %s had the id %s, and now has %s",
                    box.name, box.id, claim.map(Container::getId));
            if (claim.isPresent()) {
                held(expected, box, claim.get());
            }
            long marks = kubelet.marks(box.mark());
            expected.require(marks <= 1, "the program of container %s was started %d times", box.mark(), marks);
            long execs = kubelet.marks(box.mark() + ".exec");
            expected.require(execs >= box.execsAnswered && execs <= box.execsAsked, "commands were run %d times in %s, asked for %d, answered %d", execs,
                    box.mark(), box.execsAsked, box.execsAnswered);
            List<String> logged = kubelet.lines.logged(box);
            boolean mayBeGone = box.phase == Phase.GOING && !witness.keepsLogs();
            expected.require((mayBeGone || logged.containsAll(kubelet.lines.written(box))) && Set.copyOf(logged).size() == logged.size(),
                    "container %s has written %s, and in its log is %s", box.mark(), kubelet.lines.written(box), logged);
        }
        claimed.keySet().forEach(name -> expected.require(false, "container %s is claimed, and nobody asked for it", name));
    }

    private static void answered(Expected expected, Box box, Optional<ContainerState> state) {
        boolean isCreated = state.equals(Optional.of(ContainerState.CONTAINER_CREATED));
        boolean runs = state.equals(Optional.of(ContainerState.CONTAINER_RUNNING));
        boolean hasEnded = state.equals(Optional.of(ContainerState.CONTAINER_EXITED));
        boolean holds = switch (box.phase) {
            case MAKING -> state.isEmpty() || isCreated;
            case MADE -> isCreated;
            case STARTING -> isCreated || runs || hasEnded;
            case STARTED -> runs || box.code >= 0 && hasEnded;
            case ENDING -> runs || hasEnded;
            case ENDED -> hasEnded;
            case GOING -> state.isEmpty() || isCreated || runs || hasEnded;
        };
        expected.require(holds, "container %s was last %s, and is now %s", box.name, box.phase, state);
    }

    private void held(Expected expected, Box box, Container claim) throws Exception {
        String id = claim.getId();
        expected.must.addAll(witness.ofContainer(id));
        List<String> ofStart = witness.ofStart(id);
        switch (claim.getState()) {
            case CONTAINER_CREATED -> expected.require(kubelet.marks(box.mark()) == 0, "container %s is shown as created, and its program has run", box.name);
            case CONTAINER_RUNNING -> {
                expected.must.addAll(ofStart);
                expected.must.addAll(witness.ofRunning(id));
                expected.mayHaveProcesses.put(id, true);
                expected.require(kubelet.marks(box.mark()) == box.marksOfStart(), "container %s is shown as running, and its program was not started", box.name);
                expected.require(box.withoutLog || Files.exists(kubelet.log(box)), "container %s runs, and has no log", box.name);
                limits(expected, box.id.isEmpty() ? withId(box, id) : box);
            }
            case CONTAINER_EXITED -> ended(expected, box, kubelet.status(box.id.isEmpty() ? withId(box, id) : box), ofStart);
            case CONTAINER_UNKNOWN, UNRECOGNIZED -> expected.require(false, "container %s is %s", box.name, claim.getState());
        }
    }

    private void limits(Expected expected, Box box) throws Exception {
        long told = kubelet.status(box).getResources().getLinux().getCpuShares();
        boolean has = HostFacts.hasShares(node, box.id);
        expected.require(has || !box.limited, "container %s was given %d shares, and does not have them", box.name, Kubelet.SHARES);
        expected.require(has == (told == Kubelet.SHARES), "container %s is shown with %d shares, and that is not what it has", box.name, told);
    }

    private static Box withId(Box box, String id) {
        box.id = id;
        return box;
    }

    /** Until it is removed, the backend may still know one that has run. */
    private void ended(Expected expected, Box box, ContainerStatus status, List<String> ofStart) throws Exception {
        long marks = kubelet.marks(box.mark());
        if (Kubelet.neverRan(status)) {
            expected.require(marks == 0, "container %s is shown as never started, and its program has run", box.name);
            expected.require(box.phase != Phase.STARTED && box.phase != Phase.ENDED, "container %s was started, and is shown as never started", box.name);
            return;
        }
        expected.may.addAll(ofStart);
        expected.may.addAll(witness.ofEnd(box.id));
        boolean byItself = box.code >= 0 && status.getExitCode() == box.code && marks == 1;
        boolean told = box.phase == Phase.ENDING || box.phase == Phase.ENDED || box.phase == Phase.GOING;
        boolean killed = status.getExitCode() == 137 || status.getExitCode() == 143 || status.getExitCode() == 0 && marks == box.marksOfStart();
        expected.require(byItself || told && killed, "container %s, last %s, is shown as ended with %d (%s), with %d marks of its own", box.name,
                box.phase, status.getExitCode(), status.getReason(), marks);
        expected.require(status.getStartedAt() > 0 && status.getFinishedAt() >= status.getStartedAt(), "container %s ended before it began: %s",
                box.name, status);
    }

    private void images(Expected expected) {
        var claimed = cri.call(ImageServiceGrpc.getListImagesMethod(), ListImagesRequest.getDefaultInstance()).getImagesList();
        boolean isThere = claimed.size() == 1;
        boolean holds = switch (kubelet.image) {
            case MAKING, GOING -> claimed.size() <= 1;
            case MADE -> isThere;
            case ENDED -> claimed.isEmpty();
            case STARTING, STARTED, ENDING -> false;
        };
        expected.require(holds, "the image was last %s, and claimed is %s", kubelet.image, claimed);
        expected.require(!isThere || kubelet.imageId.isEmpty() || claimed.getFirst().getId().equals(kubelet.imageId), "the image had the id %s, and now is %s",
                kubelet.imageId, claimed);
        if (kubelet.image != Phase.ENDED) {
            expected.may.addAll(witness.ofPull());
        }
        kubelet.imageContent.forEach(thing -> {
            // What a pull that was cut off has brought is kept for the next one.
            (isThere ? expected.must : kubelet.image == Phase.ENDED ? new TreeSet<String>() : expected.may).add(thing);
        });
    }
}
