package io.cairn.crash.points;

import io.cairn.driver.containerd.proto.containers.ContainersGrpc;
import io.cairn.driver.containerd.proto.containers.ListContainersRequest;
import io.cairn.driver.containerd.proto.content.ContentGrpc;
import io.cairn.driver.containerd.proto.content.ListContentRequest;
import io.cairn.driver.containerd.proto.images.ImagesGrpc;
import io.cairn.driver.containerd.proto.images.ListImagesRequest;
import io.cairn.driver.containerd.proto.leases.LeasesGrpc;
import io.cairn.driver.containerd.proto.leases.ListRequest;
import io.cairn.driver.containerd.proto.snapshots.ListSnapshotsRequest;
import io.cairn.driver.containerd.proto.snapshots.SnapshotsGrpc;
import io.cairn.driver.containerd.proto.tasks.ListTasksRequest;
import io.cairn.driver.containerd.proto.tasks.TasksGrpc;
import io.cairn.testkit.Await;
import io.cairn.testkit.Tool;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * What containerd has on record in a namespace: Cairn's, or the engine's that uses it. Its own client asks the same services as is done here,
 * with a process for each kind of thing: as long for one look as the scenario takes for a step.
 */
final class ContainerdRecords {
    private static final Metadata.Key<String> NAMESPACE_HEADER = Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
    static final String NAMESPACE = "cairn";
    private static final String SNAPSHOTTER = "overlayfs";
    private static final Duration ANSWERED_WITHIN = Duration.ofSeconds(60);
    private static final Duration CONFIRMED_WITHIN = Duration.ofSeconds(60);
    private static final int MESSAGE_BYTES_MAX = 16 << 20;

    private ContainerdRecords() {}

    /** A thing on record, of a kind: {@code container}, {@code task}, {@code lease}, {@code image}, {@code content} or {@code snapshot}. */
    record Thing(String kind, String name) {}

    /** As its services list them. */
    static Set<Thing> listed(Path socket, String namespace) {
        var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ManagedChannel connection = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString())).overrideAuthority("localhost")
                .channelType(EpollDomainSocketChannel.class).eventLoopGroup(loop).usePlaintext().directExecutor()
                // An option of TCP that gRPC sets on every channel, and that Netty warns of at every connection.
                .withOption(ChannelOption.SO_KEEPALIVE, null).maxInboundMessageSize(MESSAGE_BYTES_MAX).build();
        try {
            var header = new Metadata();
            header.put(NAMESPACE_HEADER, namespace);
            return listed(ClientInterceptors.intercept(connection, MetadataUtils.newAttachHeadersInterceptor(header)));
        } catch (StatusRuntimeException e) {
            throw new IllegalStateException("Cannot list what containerd has on record, at %s: %s".formatted(socket, e.getMessage()), e);
        } finally {
            connection.shutdownNow();
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static Set<Thing> listed(Channel containerd) {
        var found = new HashSet<Thing>();
        ContainersGrpc.newBlockingStub(containerd).withDeadlineAfter(ANSWERED_WITHIN)
                .list(ListContainersRequest.getDefaultInstance()).getContainersList().forEach(container -> found.add(new Thing("container", container.getId())));
        TasksGrpc.newBlockingStub(containerd).withDeadlineAfter(ANSWERED_WITHIN)
                .list(ListTasksRequest.getDefaultInstance()).getTasksList().forEach(task -> found.add(new Thing("task", task.getId())));
        LeasesGrpc.newBlockingStub(containerd).withDeadlineAfter(ANSWERED_WITHIN)
                .list(ListRequest.getDefaultInstance()).getLeasesList().forEach(lease -> found.add(new Thing("lease", lease.getId())));
        ContentGrpc.newBlockingStub(containerd).withDeadlineAfter(ANSWERED_WITHIN).list(ListContentRequest.getDefaultInstance())
                .forEachRemaining(part -> part.getInfoList().forEach(blob -> found.add(new Thing("content", blob.getDigest()))));
        SnapshotsGrpc.newBlockingStub(containerd).withDeadlineAfter(ANSWERED_WITHIN)
                .list(ListSnapshotsRequest.newBuilder().setSnapshotter(SNAPSHOTTER).build())
                .forEachRemaining(part -> part.getInfoList().forEach(snapshot -> found.add(new Thing("snapshot", snapshot.getName()))));
        ImagesGrpc.newBlockingStub(containerd).withDeadlineAfter(ANSWERED_WITHIN)
                .list(ListImagesRequest.getDefaultInstance()).getImagesList().forEach(image -> found.add(new Thing("image", image.getName())));
        return found;
    }

    /** That its own client shows the same. What its garbage collector takes just now is gone a moment later, from either. */
    static void confirm(Path socket, String namespace) throws Exception {
        var difference = new AtomicReference<>("");
        try {
            Await.until("ctr shows what containerd's services list", CONFIRMED_WITHIN, () -> {
                Set<Thing> shown = shown(socket, namespace);
                Set<Thing> listed = listed(socket, namespace);
                difference.set("ctr showed %s, the services listed %s".formatted(shown, listed));
                return shown.equals(listed);
            });
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; at last " + difference.get(), e);
        }
    }

    private static Set<Thing> shown(Path socket, String namespace) throws IOException, InterruptedException {
        var found = new HashSet<Thing>();
        for (String kind : List.of("container", "task", "lease", "image")) {
            ctr(socket, namespace, kind + "s", "ls", "-q").forEach(name -> found.add(new Thing(kind, name)));
        }
        ctr(socket, namespace, "content", "ls", "-q").forEach(digest -> found.add(new Thing("content", digest)));
        List<String> table = ctr(socket, namespace, "snapshots", "--snapshotter", SNAPSHOTTER, "ls");
        table.subList(1, table.size()).forEach(line -> found.add(new Thing("snapshot", line.split("\\s+")[0])));
        return found;
    }

    private static List<String> ctr(Path socket, String namespace, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ctr", "--address", socket.toString(), "--namespace", namespace));
        command.addAll(List.of(arguments));
        return Tool.run(command.toArray(String[]::new)).orThrow().lines().filter(line -> !line.isBlank()).toList();
    }
}
