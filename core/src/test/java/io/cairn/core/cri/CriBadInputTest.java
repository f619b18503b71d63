package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.sim.Configs;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Programs;
import io.cairn.proto.cri.*;
import io.cairn.proto.cri.AttachRequest;
import io.cairn.proto.cri.CheckpointContainerRequest;
import io.cairn.proto.cri.ExecRequest;
import io.cairn.proto.cri.LinuxContainerResources;
import io.cairn.proto.cri.PortForwardRequest;
import io.cairn.proto.cri.UpdateContainerResourcesRequest;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What clients send wrongly is refused with a sentence, and changes neither the journal nor the world. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CriBadInputTest {
    @TempDir(factory = InMemory.class) static Path temp;

    private CriFixture cri;
    private String pod;
    private String container;

    @BeforeAll
    void start() throws Exception {
        cri = new CriFixture(temp);
        cri.pull("app");
        pod = cri.run("p");
        container = cri.running(pod, "c", Programs.SLEEP);
    }

    @AfterAll
    void end() throws Exception {
        cri.close();
        assertThat(cri.halts).isEmpty();
    }

    /** @param words what the answer must say */
    private record Bad(String what, Code code, String words, Consumer<CriBadInputTest> call) {
        @Override
        public String toString() {
            return what;
        }
    }

    static Stream<Bad> table() {
        return Stream.of(pods(), containers(), others()).flatMap(List::stream);
    }

    private static List<Bad> pods() {
        return List.of(
                new Bad("a pod without configuration", Code.INVALID_ARGUMENT, "config.metadata",
                        t -> t.cri.runtime().runPodSandbox(RunPodSandboxRequest.getDefaultInstance())),
                new Bad("a pod without metadata", Code.INVALID_ARGUMENT, "config.metadata", t -> t.runPod(p -> p.clearMetadata())),
                new Bad("a pod without name", Code.INVALID_ARGUMENT, "config.metadata.name", t -> t.runPod(p -> p.getMetadataBuilder().clearName())),
                new Bad("a pod without namespace", Code.INVALID_ARGUMENT, "config.metadata.namespace",
                        t -> t.runPod(p -> p.getMetadataBuilder().clearNamespace())),
                new Bad("a pod without uid", Code.INVALID_ARGUMENT, "config.metadata.uid", t -> t.runPod(p -> p.getMetadataBuilder().clearUid())),
                new Bad("a climbing pod name", Code.INVALID_ARGUMENT, "config.metadata.name",
                        t -> t.runPod(p -> p.getMetadataBuilder().setName("../../etc"))),
                new Bad("a pod name with a line break", Code.INVALID_ARGUMENT, "config.metadata.name",
                        t -> t.runPod(p -> p.getMetadataBuilder().setName("a\nb"))),
                new Bad("a pod name of 254 letters", Code.INVALID_ARGUMENT, "config.metadata.name",
                        t -> t.runPod(p -> p.getMetadataBuilder().setName("a".repeat(254)))),
                new Bad("a pod name of a megabyte", Code.INVALID_ARGUMENT, "config.metadata.name",
                        t -> t.runPod(p -> p.getMetadataBuilder().setName("a".repeat(1 << 20)))),
                new Bad("a climbing log directory", Code.INVALID_ARGUMENT, "config.log_directory",
                        t -> t.runPod(p -> p.setLogDirectory("/var/log/../../etc"))),
                new Bad("a relative log directory", Code.INVALID_ARGUMENT, "config.log_directory", t -> t.runPod(p -> p.setLogDirectory("logs"))),
                new Bad("a log directory with a zero byte", Code.INVALID_ARGUMENT, "config.log_directory",
                        t -> t.runPod(p -> p.setLogDirectory("/var/log\0/x"))),
                new Bad("a host name of 65 letters", Code.INVALID_ARGUMENT, "config.hostname", t -> t.runPod(p -> p.setHostname("a".repeat(65)))),
                new Bad("a host name with an escape sequence", Code.INVALID_ARGUMENT, "config.hostname",
                        t -> t.runPod(p -> p.setHostname("a\u001b[31mb"))),
                new Bad("a port beyond 65535", Code.INVALID_ARGUMENT, "host_port",
                        t -> t.runPod(p -> p.addPortMappings(PortMapping.newBuilder().setHostPort(65536)))),
                new Bad("a negative port", Code.INVALID_ARGUMENT, "container_port",
                        t -> t.runPod(p -> p.addPortMappings(PortMapping.newBuilder().setContainerPort(-1)))),
                new Bad("a traffic limit that is no number", Code.INVALID_ARGUMENT, "bandwidth",
                        t -> t.runPod(p -> p.putAnnotations("kubernetes.io/ingress-bandwidth", "fast"))),
                new Bad("an unknown runtime handler", Code.INVALID_ARGUMENT, "\"gvisor\" is not configured", t -> t.cri.runtime().runPodSandbox(
                        RunPodSandboxRequest.newBuilder().setConfig(Configs.pod("q", 0)).setRuntimeHandler("gvisor").build())));
    }

    private static List<Bad> containers() {
        return List.of(
                new Bad("a container without configuration", Code.INVALID_ARGUMENT, "config.metadata", t -> t.cri.runtime().createContainer(
                        CreateContainerRequest.newBuilder().setPodSandboxId(t.pod).build())),
                new Bad("a container without metadata", Code.INVALID_ARGUMENT, "config.metadata", t -> t.create(t.pod, c -> c.clearMetadata())),
                new Bad("a container in an unknown pod", Code.NOT_FOUND, "is not known", t -> t.create("0".repeat(64), c -> {})),
                new Bad("a container in no pod", Code.INVALID_ARGUMENT, "id must be given", t -> t.create("", c -> {})),
                new Bad("a climbing container name", Code.INVALID_ARGUMENT, "config.metadata.name",
                        t -> t.create(t.pod, c -> c.getMetadataBuilder().setName("../x"))),
                new Bad("a climbing log path", Code.INVALID_ARGUMENT, "config.log_path", t -> t.create(t.pod, c -> c.setLogPath("../../etc/passwd"))),
                new Bad("a log path that does nothing but climb", Code.INVALID_ARGUMENT, "config.log_path", t -> t.create(t.pod, c -> c.setLogPath(".."))),
                new Bad("a log path that climbs at its end", Code.INVALID_ARGUMENT, "config.log_path", t -> t.create(t.pod, c -> c.setLogPath("a/.."))),
                new Bad("an absolute log path", Code.INVALID_ARGUMENT, "config.log_path", t -> t.create(t.pod, c -> c.setLogPath("/etc/passwd"))),
                new Bad("a log path with a line break", Code.INVALID_ARGUMENT, "config.log_path", t -> t.create(t.pod, c -> c.setLogPath("a\nb"))),
                new Bad("an unknown image", Code.NOT_FOUND, "pull it first",
                        t -> t.create(t.pod, c -> c.setImage(ImageSpec.newBuilder().setImage("unknown")))),
                new Bad("no image", Code.INVALID_ARGUMENT, "image must be named", t -> t.create(t.pod, c -> c.clearImage())),
                new Bad("a mount of nothing", Code.INVALID_ARGUMENT, "config.mounts.host_path",
                        t -> t.create(t.pod, c -> c.addMounts(Mount.newBuilder().setContainerPath("/data")))),
                new Bad("an image as a volume that is not here", Code.NOT_FOUND, "\"unknown\" is not here",
                        t -> t.create(t.pod, c -> c.addMounts(imageMount("unknown").setReadonly(true)))),
                new Bad("an image as a volume to be written to", Code.INVALID_ARGUMENT, "config.mounts.readonly",
                        t -> t.create(t.pod, c -> c.addMounts(imageMount("unknown")))),
                new Bad("an image and a path as one volume", Code.INVALID_ARGUMENT, "config.mounts.host_path",
                        t -> t.create(t.pod, c -> c.addMounts(imageMount("unknown").setReadonly(true).setHostPath("/")))),
                new Bad("a mount to a relative path", Code.INVALID_ARGUMENT, "container_path",
                        t -> t.create(t.pod, c -> c.addMounts(Mount.newBuilder().setContainerPath("data").setHostPath("/")))),
                new Bad("a mount to a climbing path", Code.INVALID_ARGUMENT, "container_path",
                        t -> t.create(t.pod, c -> c.addMounts(Mount.newBuilder().setContainerPath("/a/../..").setHostPath("/")))),
                new Bad("a stop signal of no name", Code.INVALID_ARGUMENT, "config.stop_signal", t -> t.create(t.pod, c -> c.setStopSignalValue(99))));
    }

    private static Mount.Builder imageMount(String image) {
        return Mount.newBuilder().setContainerPath("/data").setImage(ImageSpec.newBuilder().setImage(image));
    }

    private static List<Bad> others() {
        return List.of(
                new Bad("a start of an unknown container", Code.NOT_FOUND, "is not known",
                        t -> t.cri.runtime().startContainer(StartContainerRequest.newBuilder().setContainerId("0".repeat(64)).build())),
                new Bad("a stop of no container", Code.INVALID_ARGUMENT, "id must be given",
                        t -> t.cri.runtime().stopContainer(StopContainerRequest.getDefaultInstance())),
                new Bad("a command of no words", Code.INVALID_ARGUMENT, "cmd", t -> t.cri.runtime().execSync(
                        ExecSyncRequest.newBuilder().setContainerId(t.container).build())),
                new Bad("a negative time limit", Code.INVALID_ARGUMENT, "timeout", t -> t.cri.runtime().execSync(
                        ExecSyncRequest.newBuilder().setContainerId(t.container).addCmd("true").setTimeout(-1).build())),
                new Bad("a command in an unknown container", Code.NOT_FOUND, "is not known", t -> t.cri.runtime().execSync(
                        ExecSyncRequest.newBuilder().setContainerId("0".repeat(64)).addCmd("true").build())),
                new Bad("an id of a megabyte", Code.NOT_FOUND, "container zzz", t -> t.cri.runtime().containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId("z".repeat(1 << 20)).build())),
                new Bad("an id with line breaks", Code.NOT_FOUND, "is not known", t -> t.cri.runtime().containerStatus(
                        ContainerStatusRequest.newBuilder().setContainerId("a\n00:00:00 INFO all is well").build())),
                new Bad("an image that is no reference", Code.INVALID_ARGUMENT, "image", t -> t.cri.pull("Not A Reference")),
                new Bad("an image of no name", Code.INVALID_ARGUMENT, "image", t -> t.cri.images().imageStatus(ImageStatusRequest.getDefaultInstance())),
                new Bad("an image of a megabyte", Code.NOT_FOUND, "image \"aaa",
                        t -> t.create(t.pod, c -> c.setImage(ImageSpec.newBuilder().setImage("a".repeat(1 << 20))))),
                new Bad("more than 16 MiB", Code.RESOURCE_EXHAUSTED, "", t -> t.runPod(p -> p.putAnnotations("big", "x".repeat(17 << 20)))),
                new Bad("bytes that are no message", Code.UNKNOWN, "", t -> ClientCalls.blockingUnaryCall(t.cri.channel(),
                        RAW, CallOptions.DEFAULT, new byte[] {0x0a, 0x7f, 0x01})),
                new Bad("the least of all scores", Code.INVALID_ARGUMENT, "oom_score_adj", t -> t.cri.runtime().updateContainerResources(
                        UpdateContainerResourcesRequest.newBuilder().setContainerId(t.container).setLinux(
                                LinuxContainerResources.newBuilder().setOomScoreAdj(Long.MIN_VALUE)).build())),
                new Bad("a checkpoint to nowhere", Code.INVALID_ARGUMENT, "location", t -> t.checkpoint("", 0)),
                new Bad("a checkpoint beside the daemon", Code.INVALID_ARGUMENT, "location", t -> t.checkpoint("archive.tar", 0)),
                new Bad("a checkpoint to a path that climbs", Code.INVALID_ARGUMENT, "location", t -> t.checkpoint("/var/../etc/passwd", 0)),
                new Bad("a checkpoint to a directory", Code.INVALID_ARGUMENT, "location", t -> t.checkpoint("/archives/", 0)),
                new Bad("a checkpoint in less than no time", Code.INVALID_ARGUMENT, "timeout", t -> t.checkpoint("/archive", -1)),
                new Bad("an archive that is not there", Code.NOT_FOUND, "there is no archive /nowhere",
                        t -> t.create(t.pod, c -> c.setImage(ImageSpec.newBuilder().setImage("/nowhere")))),
                new Bad("a stream of nothing", Code.INVALID_ARGUMENT, "stdin, stdout, stderr", t -> t.cri.runtime().exec(
                        ExecRequest.newBuilder().setContainerId(t.container).addCmd("true").build())),
                new Bad("a terminal with stderr", Code.INVALID_ARGUMENT, "tty", t -> t.cri.runtime().attach(
                        AttachRequest.newBuilder().setContainerId(t.container).setTty(true).setStderr(true).build())),
                new Bad("a stream of an unknown container", Code.NOT_FOUND, "is not known", t -> t.cri.runtime().exec(
                        ExecRequest.newBuilder().setContainerId("0".repeat(64)).addCmd("true").setStdout(true).build())),
                new Bad("a port that is none", Code.INVALID_ARGUMENT, "port", t -> t.cri.runtime().portForward(
                        PortForwardRequest.newBuilder().setPodSandboxId("0".repeat(64)).addPort(-1).build())),
                new Bad("the ports of an unknown pod", Code.NOT_FOUND, "is not known", t -> t.cri.runtime().portForward(
                        PortForwardRequest.newBuilder().setPodSandboxId("0".repeat(64)).addPort(80).build())),
                new Bad("the log of an unknown container", Code.NOT_FOUND, "is not known", t -> t.cri.runtime().reopenContainerLog(
                        ReopenContainerLogRequest.newBuilder().setContainerId("0".repeat(64)).build())));
    }

    @ParameterizedTest
    @MethodSource("table")
    void isRefusedAndChangesNothing(Bad bad) throws Exception {
        var events = cri.events();
        var held = cri.world.held();
        assertThatThrownBy(() -> bad.call.accept(this)).isInstanceOfSatisfying(StatusRuntimeException.class, e -> {
            assertThat(e.getStatus().getCode()).as(shortened(e.toString())).isEqualTo(bad.code);
            String told = String.valueOf(e.getStatus().getDescription());
            assertThat(told).contains(bad.words);
            assertThat(told).hasSizeLessThan(2000).matches(text -> text.chars().noneMatch(Character::isISOControl), "has no control characters");
        });
        assertThat(cri.events()).isEqualTo(events);
        assertThat(cri.world.held()).isEqualTo(held);
    }

    @Test
    void whatIsRecordedOfABadCallIsShort() throws Exception {
        assertThatThrownBy(() -> cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId("y".repeat(1 << 20)).build()));
        assertThatThrownBy(() -> cri.runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId("last one").build()));
        io.cairn.core.sim.Eventually.holds("the calls are recorded", () -> {
            try {
                return cri.calls().stream().anyMatch(e -> e.getCallServed().getSubject().equals("last one"));
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        });
        assertThat(cri.calls()).allMatch(e -> e.getSerializedSize() < 8192);
    }

    private static final MethodDescriptor<byte[], byte[]> RAW = MethodDescriptor.<byte[], byte[]>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY).setFullMethodName("runtime.v1.RuntimeService/RunPodSandbox")
            .setRequestMarshaller(new Raw()).setResponseMarshaller(new Raw()).build();

    private static String shortened(String text) {
        return text.substring(0, Math.min(text.length(), 300));
    }

    private void runPod(Consumer<PodSandboxConfig.Builder> change) {
        var config = Configs.pod("bad", 0).toBuilder();
        change.accept(config);
        cri.runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build());
    }

    private void checkpoint(String location, long timeoutSeconds) {
        cri.runtime().checkpointContainer(CheckpointContainerRequest.newBuilder().setContainerId(container).setLocation(location)
                .setTimeout(timeoutSeconds).build());
    }

    private void create(String in, Consumer<ContainerConfig.Builder> change) {
        var config = Configs.container("bad", 0, "app", Programs.SLEEP).toBuilder();
        change.accept(config);
        cri.runtime().createContainer(CreateContainerRequest.newBuilder().setPodSandboxId(in).setConfig(config).build());
    }
}
