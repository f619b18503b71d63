package io.cairn.testkit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cairn.proto.cri.AuthConfig;
import io.cairn.proto.cri.Container;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.ContainerFilter;
import io.cairn.proto.cri.ContainerStatus;
import io.cairn.proto.cri.ContainerStatusRequest;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.ExecSyncRequest;
import io.cairn.proto.cri.ExecSyncResponse;
import io.cairn.proto.cri.Image;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.ImageStatusRequest;
import io.cairn.proto.cri.ListContainersRequest;
import io.cairn.proto.cri.ListImagesRequest;
import io.cairn.proto.cri.ListPodSandboxRequest;
import io.cairn.proto.cri.PodSandbox;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.PodSandboxFilter;
import io.cairn.proto.cri.PodSandboxStatus;
import io.cairn.proto.cri.PodSandboxStatusRequest;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.RemoveContainerRequest;
import io.cairn.proto.cri.RemoveImageRequest;
import io.cairn.proto.cri.RemovePodSandboxRequest;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.cri.StatusRequest;
import io.cairn.proto.cri.StatusResponse;
import io.cairn.proto.cri.StopContainerRequest;
import io.cairn.proto.cri.StopPodSandboxRequest;
import io.cairn.proto.cri.VersionRequest;
import io.cairn.proto.cri.VersionResponse;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A blocking client of the CRI; every method throws {@link io.grpc.StatusRuntimeException} when the call fails. Thread-safe. */
public final class CriClient implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** What a kubelet sends at most, and a little more, so that the server's own limit is what is met. */
    private static final int MESSAGE_BYTES_MAX = 64 << 20;
    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(2);

    private final MultiThreadIoEventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Path socket;
    private final ManagedChannel channel;

    private CriClient(Path socket) {
        this.socket = socket;
        this.channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString())).overrideAuthority("localhost")
                .channelType(EpollDomainSocketChannel.class).eventLoopGroup(loop).usePlaintext()
                // An option of TCP that gRPC sets on every channel, and that Netty warns of at every connection.
                .withOption(ChannelOption.SO_KEEPALIVE, null).maxInboundMessageSize(MESSAGE_BYTES_MAX).build();
    }

    /** The connection is made by the first call. */
    public static CriClient connect(Path socket) {
        return new CriClient(socket);
    }

    /** Tries again at once where a connection has failed, instead of after a growing pause. */
    public void reconnect() {
        channel.resetConnectBackoff();
    }

    /** Whether somebody serves now. As long as nobody listens, that is found out without a call: who starts needs the processors. */
    public boolean answers() {
        if (!isListenedTo()) {
            return false;
        }
        try {
            version();
            return true;
        } catch (StatusRuntimeException e) {
            reconnect();
            return false;
        }
    }

    private boolean isListenedTo() {
        try (var connection = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            return connection.isConnected();
        } catch (IOException nobody) {
            return false;
        }
    }

    public RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    public ImageServiceGrpc.ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel).withDeadlineAfter(CALL_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
    }

    public VersionResponse version() {
        return runtime().version(VersionRequest.getDefaultInstance());
    }

    public StatusResponse status() {
        return runtime().status(StatusRequest.getDefaultInstance());
    }

    /** @return the pod's id */
    public String runPod(PodSandboxConfig config) {
        return runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build()).getPodSandboxId();
    }

    public void stopPod(String id) {
        runtime().stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    public void removePod(String id) {
        runtime().removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
    }

    public PodSandboxStatus podStatus(String id) {
        return runtime().podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build()).getStatus();
    }

    public List<PodSandbox> pods() {
        return pods(PodSandboxFilter.getDefaultInstance());
    }

    public List<PodSandbox> pods(PodSandboxFilter filter) {
        return runtime().listPodSandbox(ListPodSandboxRequest.newBuilder().setFilter(filter).build()).getItemsList();
    }

    /** @return the container's id */
    public String create(String podId, PodSandboxConfig pod, ContainerConfig config) {
        return runtime().createContainer(CreateContainerRequest.newBuilder().setPodSandboxId(podId).setSandboxConfig(pod).setConfig(config).build())
                .getContainerId();
    }

    public void start(String containerId) {
        runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(containerId).build());
    }

    public void stop(String containerId, long graceSeconds) {
        runtime().stopContainer(StopContainerRequest.newBuilder().setContainerId(containerId).setTimeout(graceSeconds).build());
    }

    public void remove(String containerId) {
        runtime().removeContainer(RemoveContainerRequest.newBuilder().setContainerId(containerId).build());
    }

    public ContainerStatus containerStatus(String id) {
        return runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(id).build()).getStatus();
    }

    /** The host's pid of a container's main process, by the verbose status; 0 when there is none. */
    public long pid(String containerId) {
        String info = runtime().containerStatus(ContainerStatusRequest.newBuilder().setContainerId(containerId).setVerbose(true).build())
                .getInfoOrDefault("info", "{}");
        try {
            return JSON.readTree(info).path("pid").asLong();
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Expected the verbose status to be JSON, but it is: " + info, e);
        }
    }

    public List<Container> containers() {
        return containers(ContainerFilter.getDefaultInstance());
    }

    public List<Container> containers(ContainerFilter filter) {
        return runtime().listContainers(ListContainersRequest.newBuilder().setFilter(filter).build()).getContainersList();
    }

    public ExecSyncResponse exec(String containerId, Duration timeout, String... command) {
        return runtime().execSync(ExecSyncRequest.newBuilder().setContainerId(containerId).setTimeout(timeout.toSeconds())
                .addAllCmd(List.of(command)).build());
    }

    /** What a shell command in a container prints, of which it must make no failure. */
    public String sh(String containerId, String script) {
        ExecSyncResponse answer = exec(containerId, Duration.ofSeconds(20), "sh", "-c", script);
        if (answer.getExitCode() != 0) {
            throw new AssertionError("Expected \"%s\" to succeed, but it ended with %d: %s".formatted(script, answer.getExitCode(),
                    answer.getStderr().toStringUtf8() + answer.getStdout().toStringUtf8()));
        }
        return answer.getStdout().toStringUtf8();
    }

    /** @return the image's id */
    public String pull(String image) {
        return pull(image, AuthConfig.getDefaultInstance());
    }

    public String pull(String image, AuthConfig auth) {
        return images().pullImage(PullImageRequest.newBuilder().setImage(spec(image)).setAuth(auth).build()).getImageRef();
    }

    public Optional<Image> imageStatus(String image) {
        var response = images().imageStatus(ImageStatusRequest.newBuilder().setImage(spec(image)).build());
        return response.hasImage() ? Optional.of(response.getImage()) : Optional.empty();
    }

    public List<Image> listImages() {
        return images().listImages(ListImagesRequest.getDefaultInstance()).getImagesList();
    }

    public void removeImage(String image) {
        images().removeImage(RemoveImageRequest.newBuilder().setImage(spec(image)).build());
    }

    /** Stops and removes every pod, with its containers, and every image. */
    public void removeEverything() {
        pods().forEach(pod -> {
            stopPod(pod.getId());
            removePod(pod.getId());
        });
        listImages().forEach(image -> removeImage(image.getId()));
    }

    private static ImageSpec spec(String image) {
        return ImageSpec.newBuilder().setImage(image).build();
    }

    @Override
    public void close() {
        channel.shutdownNow();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
