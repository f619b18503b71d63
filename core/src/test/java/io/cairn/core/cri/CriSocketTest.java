package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.sim.Configs;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.Ids;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Programs;
import io.cairn.proto.cri.*;
import io.cairn.proto.journal.Event;
import io.grpc.StatusRuntimeException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** CRI v1 as a kubelet speaks it, over the socket. */
class CriSocketTest {
    private static final String NOTHING = Ids.of("nothing");

    @TempDir(factory = InMemory.class) Path temp;

    private CriFixture cri;

    @BeforeEach
    void start() throws Exception {
        cri = new CriFixture(temp);
    }

    @AfterEach
    void end() throws Exception {
        cri.close();
        assertThat(cri.halts).isEmpty();
        assertThat(cri.world.violations()).isEmpty();
    }

    @Test
    void aPodLivesAndDies() {
        assertThat(cri.pull("app")).isEqualTo(Ids.image("docker.io/library/app"));
        String pod = cri.run("p");
        assertThat(pod).matches("[0-9a-f]{64}");
        var podStatus = podStatus(pod);
        assertThat(podStatus.getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        assertThat(podStatus.getNetwork().getIp()).isEqualTo("10.88.0.2");
        assertThat(podStatus.getMetadata()).isEqualTo(Configs.pod("p", 0).getMetadata());
        assertThat(podStatus.getLabelsMap()).isEqualTo(Configs.pod("p", 0).getLabelsMap());
        assertThat(podStatus.getAnnotationsMap()).isEqualTo(Configs.pod("p", 0).getAnnotationsMap());

        String id = cri.create(pod, "c", Programs.SLEEP);
        assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_CREATED);
        assertThat(status(id).getLogPath()).isEqualTo("/var/log/pods/p/c/0.log");
        assertThat(status(id).getUser().getLinux().getUid()).isEqualTo(1000);
        cri.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
        assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        assertThat(status(id).getStartedAt()).isPositive();
        assertThat(status(id).getImageRef()).startsWith("docker.io/library/app@sha256:");

        var exec = cri.runtime().execSync(ExecSyncRequest.newBuilder().setContainerId(id).addCmd("echo").addCmd("hello").build());
        assertThat(exec.getStdout().toStringUtf8()).isEqualTo("echo hello");
        assertThat(exec.getExitCode()).isZero();
        assertThat(cri.runtime().execSync(ExecSyncRequest.newBuilder().setContainerId(id).addCmd("false").build()).getExitCode()).isOne();

        stop(id, 30);
        assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status(id).getExitCode()).isEqualTo(143);
        assertThat(status(id).getReason()).isEqualTo("Error");
        assertThat(status(id).getFinishedAt()).isGreaterThanOrEqualTo(status(id).getStartedAt());
        remove(id);
        stopPod(pod);
        assertThat(podStatus(pod).getState()).isEqualTo(PodSandboxState.SANDBOX_NOTREADY);
        assertThat(podStatus(pod).getNetwork().getIp()).isEmpty();
        removePod(pod);
        assertThat(cri.world.held()).isEmpty();
        assertStatus(io.grpc.Status.Code.NOT_FOUND, () -> podStatus(pod));
        assertStatus(io.grpc.Status.Code.NOT_FOUND, () -> status(id));
    }

    @Test
    void whatTheRuntimeIsAndCanIsTold() {
        var version = cri.runtime().version(VersionRequest.getDefaultInstance());
        assertThat(version.getRuntimeName()).isEqualTo("cairn");
        assertThat(version.getRuntimeVersion()).isEqualTo("1.2.3");
        assertThat(version.getRuntimeApiVersion()).isEqualTo("v1");
        var status = cri.runtime().status(StatusRequest.newBuilder().setVerbose(true).build());
        assertThat(status.getStatus().getConditionsList()).extracting(RuntimeCondition::getType).containsExactly("RuntimeReady", "NetworkReady");
        assertThat(status.getStatus().getConditionsList()).allMatch(RuntimeCondition::getStatus);
        assertThat(status.getRuntimeHandlersList()).extracting(RuntimeHandler::getName).containsExactly("", "special");
        assertThat(status.getInfoMap()).containsKey("config");
        assertThat(cri.runtime().runtimeConfig(RuntimeConfigRequest.getDefaultInstance()).getLinux().getCgroupDriver())
                .isEqualTo(CgroupDriver.CGROUPFS);
    }

    @Test
    void imagesAreFoundByTagByDigestByIdAndByTheBeginningOfIt() {
        String id = cri.pull("app");
        cri.pull("app:v2");
        assertThat(cri.pull("other:v1")).isNotEqualTo(id);
        for (String name : List.of("app", "app:latest", "docker.io/library/app:v2", id, id.substring(7), id.substring(7, 19), id.substring(0, 19),
                "docker.io/library/app@" + Ids.image("manifest docker.io/library/app"))) {
            assertThat(imageStatus(name).getImage().getId()).as(name).isEqualTo(id);
        }
        Image image = imageStatus("app").getImage();
        assertThat(image.getRepoTagsList()).containsExactly("docker.io/library/app:latest", "docker.io/library/app:v2");
        assertThat(image.getUid().getValue()).isEqualTo(1000);
        assertThat(image.getSize()).isEqualTo(4096);
        assertThat(imageStatus("unknown").hasImage()).isFalse();
        assertThat(listImages("").getImagesCount()).isEqualTo(2);
        assertThat(listImages("other:v1").getImagesCount()).isOne();
        assertThat(listImages("unknown").getImagesCount()).isZero();
        var usage = cri.images().imageFsInfo(ImageFsInfoRequest.getDefaultInstance());
        assertThat(usage.getImageFilesystems(0).getUsedBytes().getValue()).isEqualTo(8192);

        removeImage("app:v2");
        removeImage("app:v2");
        assertThat(listImages("").getImagesCount()).isOne();
        assertThat(cri.world.images()).hasSize(1);
    }

    @Test
    void anImageThatHasRottedIsNotShownSoThatItIsPulledAgain() {
        String id = cri.pull("app");
        cri.world.damage(id);
        assertThat(imageStatus("app").hasImage()).isFalse();
        assertThat(cri.pull("app")).isEqualTo(id);
        assertThat(imageStatus("app").hasImage()).isTrue();
    }

    @Test
    void listsAreFilteredByIdStateLabelsAndPod() {
        cri.pull("app");
        String p = cri.run("p");
        String q = cri.run("q");
        String running = cri.running(p, "running", Programs.SLEEP);
        String created = cri.create(p, "created", Programs.SLEEP);
        String other = cri.create(q, "other", Programs.SLEEP);
        stopPod(q);

        assertThat(pods(PodSandboxFilter.newBuilder())).containsExactlyInAnyOrder(p, q);
        assertThat(pods(PodSandboxFilter.newBuilder().setId(p.substring(0, 13)))).containsExactly(p);
        assertThat(pods(PodSandboxFilter.newBuilder().setState(podState(PodSandboxState.SANDBOX_READY)))).containsExactly(p);
        assertThat(pods(PodSandboxFilter.newBuilder().setState(podState(PodSandboxState.SANDBOX_NOTREADY)))).containsExactly(q);
        assertThat(pods(PodSandboxFilter.newBuilder().putLabelSelector("app", "q").putLabelSelector("tier", "test"))).containsExactly(q);
        assertThat(pods(PodSandboxFilter.newBuilder().putLabelSelector("app", "q").setId(p))).isEmpty();

        assertThat(containers(ContainerFilter.newBuilder())).containsExactlyInAnyOrder(running, created, other);
        assertThat(containers(ContainerFilter.newBuilder().setId(other.substring(0, 13)))).containsExactly(other);
        assertThat(containers(ContainerFilter.newBuilder().setPodSandboxId(p))).containsExactlyInAnyOrder(running, created);
        assertThat(containers(ContainerFilter.newBuilder().setState(state(ContainerState.CONTAINER_RUNNING)))).containsExactly(running);
        assertThat(containers(ContainerFilter.newBuilder().setState(state(ContainerState.CONTAINER_CREATED)).setPodSandboxId(p)))
                .containsExactly(created);
        assertThat(containers(ContainerFilter.newBuilder().putLabelSelector("app", "other"))).containsExactly(other);
        assertThat(containers(ContainerFilter.newBuilder().putAllLabelSelector(Map.of("app", "other", "x", "y")))).isEmpty();
    }

    @Test
    void idsMayBeCutShortAsLongAsTheyAreUnique() {
        cri.pull("app");
        String pod = cri.run("p");
        String id = cri.running(pod.substring(0, 13), "c", Programs.SLEEP);
        assertThat(status(id.substring(0, 13)).getId()).isEqualTo(id);
        assertThat(podStatus(pod.substring(0, 13)).getId()).isEqualTo(pod);
        stop(id.substring(0, 13), 30);
        remove(id.substring(0, 13));
        assertThat(containers(ContainerFilter.newBuilder())).isEmpty();
        for (int i = 0; i < 17; i++) {
            cri.create(pod, "c" + i, Programs.SLEEP);
        }
        var twice = containers(ContainerFilter.newBuilder()).stream().map(full -> full.substring(0, 1)).sorted().toList();
        String ambiguous = twice.stream().filter(first -> twice.indexOf(first) != twice.lastIndexOf(first)).findFirst().orElseThrow();
        assertStatus(io.grpc.Status.Code.INVALID_ARGUMENT, () -> status(ambiguous));
        assertStatus(io.grpc.Status.Code.INVALID_ARGUMENT, () -> remove(ambiguous));
    }

    @Test
    void theSameRequestAgainReturnsTheSameIdAndAnotherOneUnderThatNameIsRefused() throws Exception {
        cri.pull("app");
        String pod = cri.run("p");
        assertThat(cri.run("p")).isEqualTo(pod);
        String id = cri.create(pod, "c", Programs.SLEEP);
        assertThat(cri.create(pod, "c", Programs.SLEEP)).isEqualTo(id);
        int events = cri.events().size();

        assertStatus(io.grpc.Status.Code.ALREADY_EXISTS, () -> cri.create(pod, "c", Programs.STUBBORN));
        assertStatus(io.grpc.Status.Code.ALREADY_EXISTS, () -> cri.runtime().runPodSandbox(RunPodSandboxRequest.newBuilder()
                .setConfig(Configs.pod("p", 0).toBuilder().setHostname("else")).build()));
        assertStatus(io.grpc.Status.Code.ALREADY_EXISTS, () -> cri.runtime().runPodSandbox(RunPodSandboxRequest.newBuilder()
                .setConfig(Configs.pod("p", 0)).setRuntimeHandler("special").build()));
        assertThat(cri.events()).hasSize(events);

        String next = cri.runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Configs.pod("p", 1)).build()).getPodSandboxId();
        assertThat(next).isNotEqualTo(pod);
    }

    @Test
    void manyRetriesAtOnceMakeOnePod() throws Exception {
        var release = new java.util.concurrent.CountDownLatch(1);
        cri.world.next("prepare", id -> await(release));
        var first = cri.runtimeLater().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Configs.pod("p", 0)).build());
        var second = cri.runtimeLater().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Configs.pod("p", 0)).build());
        Eventually.holds("the intent is recorded", () -> has(cri, "SANDBOX_RUN_INTENDED"));
        assertThat(pods(PodSandboxFilter.newBuilder())).as("a pod is shown when it is ready, not before").isEmpty();
        release.countDown();
        assertThat(second.get(30, TimeUnit.SECONDS)).isEqualTo(first.get(30, TimeUnit.SECONDS));
    }

    @Test
    void stoppingAndRemovingTwiceAndOfWhatIsNotKnownSucceeds() {
        cri.pull("app");
        String pod = cri.run("p");
        String id = cri.running(pod, "c", Programs.SLEEP);
        for (int i = 0; i < 2; i++) {
            stop(id, 30);
        }
        for (int i = 0; i < 2; i++) {
            remove(id);
        }
        stop(NOTHING, 0);
        remove(NOTHING);
        for (int i = 0; i < 2; i++) {
            stopPod(pod);
        }
        for (int i = 0; i < 2; i++) {
            removePod(pod);
        }
        stopPod(NOTHING);
        removePod(NOTHING);
        removeImage("unknown");
        assertThat(cri.world.held()).isEmpty();
    }

    @Test
    void aContainerIsStartedOnce() {
        cri.pull("app");
        String id = cri.running(cri.run("p"), "c", Programs.SLEEP);
        assertStatus(io.grpc.Status.Code.FAILED_PRECONDITION, () -> start(id));
        assertThat(cri.world.starts(id)).isOne();
    }

    @Test
    void aSecondStopWithoutGraceCutsTheFirstOneShort() throws Exception {
        cri.pull("app");
        String id = cri.running(cri.run("p"), "c", Programs.STUBBORN);
        var patient = cri.runtimeLater().stopContainer(StopContainerRequest.newBuilder().setContainerId(id).setTimeout(3600).build());
        Eventually.holds("the first one has asked", () -> !cri.world.signals().isEmpty());
        assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_RUNNING);
        stop(id, 0);
        patient.get(30, TimeUnit.SECONDS);
        assertThat(status(id).getExitCode()).isEqualTo(137);
        assertThat(cri.world.signals()).containsExactly(id + " 15", id + " 9");
    }

    @Test
    void failuresBelowAreTold() {
        cri.pull("app");
        String pod = cri.run("p");
        assertMessage("no address left", io.grpc.Status.Code.UNKNOWN, () -> cri.run("no-network"));
        assertMessage("the registry has no docker.io/library/missing:latest", io.grpc.Status.Code.NOT_FOUND, () -> cri.pull("missing"));
        assertMessage("cannot make", io.grpc.Status.Code.UNKNOWN, () -> cri.create(pod, "c", Programs.CANNOT_BE_MADE));
        String id = cri.create(pod, "d", Programs.CANNOT_BE_STARTED);
        assertMessage("executable file not found", io.grpc.Status.Code.INVALID_ARGUMENT, () -> start(id));
        assertThat(status(id).getState()).isEqualTo(ContainerState.CONTAINER_EXITED);
        assertThat(status(id).getReason()).isEqualTo("StartError");
        assertThat(status(id).getExitCode()).isEqualTo(128);
        String running = cri.running(pod, "e", Programs.SLEEP);
        assertMessage("was killed after 5000 ms", io.grpc.Status.Code.DEADLINE_EXCEEDED, () -> cri.runtime().execSync(
                ExecSyncRequest.newBuilder().setContainerId(running).addCmd("times-out").setTimeout(5).build()));
        assertStatus(io.grpc.Status.Code.FAILED_PRECONDITION, () -> cri.runtime().execSync(
                ExecSyncRequest.newBuilder().setContainerId(id).addCmd("true").build()));
        assertThat(cri.world.held().stream().filter(held -> held.startsWith("ground"))).hasSize(1);
    }

    @Test
    void howAContainerEndedIsTold() {
        cri.pull("app");
        String pod = cri.run("p");
        String well = cri.running(pod, "well", Programs.SLEEP);
        String oom = cri.running(pod, "oom", Programs.SLEEP);
        String quick = cri.running(pod, "quick", Programs.EXITS_AT_ONCE);
        cri.world.exits(well, 0, false);
        cri.world.exits(oom, 137, true);
        assertThat(status(well).getReason()).isEqualTo("Completed");
        assertThat(status(oom).getReason()).isEqualTo("OOMKilled");
        assertThat(status(oom).getExitCode()).isEqualTo(137);
        assertThat(status(quick).getExitCode()).isEqualTo(3);
        assertThat(status(quick).getStartedAt()).isPositive().isLessThanOrEqualTo(status(quick).getFinishedAt());
    }

    @Test
    void aNewDaemonShowsWhatTheOldOneDidAndWhatHappenedBetweenThem() throws Exception {
        cri.pull("app");
        String pod = cri.run("p");
        String staying = cri.running(pod, "staying", Programs.SLEEP);
        String ending = cri.running(pod, "ending", Programs.SLEEP);
        var before = status(staying);
        cri.stop();
        assertThat(cri.socket()).doesNotExist();
        cri.world.exits(ending, 42, false);
        cri.start();
        assertThat(status(staying)).isEqualTo(before);
        assertThat(status(ending).getExitCode()).isEqualTo(42);
        assertThat(podStatus(pod).getState()).isEqualTo(PodSandboxState.SANDBOX_READY);
        stop(staying, 30);
        assertThat(status(staying).getExitCode()).as("the exit is heard of by the new daemon").isEqualTo(143);
    }

    @Test
    void anImageAsAVolumeIsToldByTheIdItHadThen() {
        cri.pull("app");
        String pod = cri.run("volumes");
        var config = Configs.container("reader", 0, "app", Programs.SLEEP).toBuilder().addMounts(Mount.newBuilder().setContainerPath("/data")
                .setReadonly(true).setImage(ImageSpec.newBuilder().setImage("app"))).build();
        var request = CreateContainerRequest.newBuilder().setPodSandboxId(pod).setConfig(config).build();
        String id = cri.runtime().createContainer(request).getContainerId();
        assertThat(status(id).getMountsList()).singleElement().satisfies(mount -> {
            assertThat(mount.getImage().getImage()).isEqualTo("app");
            assertThat(mount.getImage().getImageRef()).isEqualTo(status(id).getImageId()).startsWith("sha256:");
        });
        assertThat(cri.runtime().createContainer(request).getContainerId()).as("the same request again").isEqualTo(id);
    }

    @Test
    void theSocketIsForNobodyElse() throws Exception {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(cri.socket()))).isEqualTo("rw-rw----");
        for (Path directory : List.of(cri.socket().getParent(), cri.stateDirectory())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory))).as(directory.toString()).isEqualTo("rwx------");
        }
        assertThat(cri.socket().getParent()).isDirectoryNotContaining(file -> file.getFileName().toString().startsWith("."));
        // Pods with users of their own pass it on the way to their root file systems.
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("run")))).isEqualTo("rwx--x--x");
    }

    @Test
    void everyCallIsServed() {
        Set<String> inherited = Stream.of(RuntimeServiceGrpc.RuntimeServiceImplBase.class, ImageServiceGrpc.ImageServiceImplBase.class)
                .map(Class::getInterfaces).flatMap(Stream::of).flatMap(base -> Stream.of(base.getDeclaredMethods()))
                .filter(method -> method.getParameterCount() == 2).map(Method::getName)
                .collect(Collectors.toSet());
        Set<String> own = Stream.of(RuntimeService.class, ImageService.class).flatMap(service -> Stream.of(service.getDeclaredMethods()))
                .map(Method::getName).collect(Collectors.toSet());
        assertThat(own).containsAll(inherited);
    }

    @Test
    void theNetworksReadinessIsOnRecordOnceForEachChange() throws Exception {
        for (int i = 0; i < 3; i++) {
            cri.runtime().status(StatusRequest.getDefaultInstance());
        }
        assertThat(cri.events()).filteredOn(Event::hasNetworkReadyChanged).singleElement().satisfies(event -> {
            assertThat(event.getNetworkReadyChanged().getReady()).isTrue();
            assertThat(event.getNetworkReadyChanged().getNetwork()).isEqualTo("simulated");
        });
    }

    static void await(java.util.concurrent.CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    static boolean has(CriFixture cri, String kind) {
        try {
            return cri.events().stream().anyMatch(event -> event.getBodyCase().name().equals(kind));
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static void assertStatus(io.grpc.Status.Code code, ThrowingCallable call) {
        assertMessage("", code, call);
    }

    static void assertMessage(String part, io.grpc.Status.Code code, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).as(e.toString()).isEqualTo(code);
            assertThat(e.getStatus().getDescription()).contains(part);
        });
    }

    private io.cairn.proto.cri.PodSandboxStatus podStatus(String id) {
        return cri.runtime().podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build()).getStatus();
    }

    private io.cairn.proto.cri.ContainerStatus status(String id) {
        return cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build()).getStatus();
    }

    private ImageStatusResponse imageStatus(String name) {
        return cri.images().imageStatus(ImageStatusRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(name)).build());
    }

    private ListImagesResponse listImages(String name) {
        return cri.images().listImages(ListImagesRequest.newBuilder()
                .setFilter(ImageFilter.newBuilder().setImage(ImageSpec.newBuilder().setImage(name))).build());
    }

    private void removeImage(String name) {
        cri.images().removeImage(RemoveImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(name)).build());
    }

    private List<String> pods(PodSandboxFilter.Builder filter) {
        return cri.runtime().listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build()).getItemsList().stream()
                .map(PodSandbox::getId).toList();
    }

    private List<String> containers(ContainerFilter.Builder filter) {
        return cri.runtime().listContainers(ListContainersRequest.newBuilder().setFilter(filter).build()).getContainersList().stream()
                .map(Container::getId).toList();
    }

    private static PodSandboxStateValue podState(PodSandboxState state) {
        return PodSandboxStateValue.newBuilder().setState(state).build();
    }

    private static ContainerStateValue state(ContainerState state) {
        return ContainerStateValue.newBuilder().setState(state).build();
    }

    private void start(String id) {
        cri.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
    }

    private void stop(String id, long seconds) {
        cri.runtime().stopContainer(StopContainerRequest.newBuilder().setContainerId(id).setTimeout(seconds).build());
    }

    private void remove(String id) {
        cri.runtime().removeContainer(RemoveContainerRequest.newBuilder().setContainerId(id).build());
    }

    private void stopPod(String id) {
        cri.runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    private void removePod(String id) {
        cri.runtime().removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }
}
