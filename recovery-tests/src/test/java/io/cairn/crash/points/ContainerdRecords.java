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
import io.cairn.testkit.Tool;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.netty.channel.ChannelOption;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;

/**
 * What containerd has on record in a namespace, a line for each thing. Its own client asks the same services as is done here, with a process
 * for each kind of thing: as long for one look as the scenario takes for a step.
 */
final class ContainerdRecords {
    private static final Metadata.Key<String> NAMESPACE = Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
    private static final String SNAPSHOTTER = "overlayfs";
    private static final int SECONDS_MAX = 60;

    private ContainerdRecords() {}

    /** As its services list them. */
    static Set<String> listed(Path socket, String namespace) {
        var loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        ManagedChannel connection = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString())).overrideAuthority("localhost")
                .channelType(EpollDomainSocketChannel.class).eventLoopGroup(loop).usePlaintext().directExecutor()
                // An option of TCP that gRPC sets on every channel, and that Netty warns of at every connection.
                .withOption(ChannelOption.SO_KEEPALIVE, null).build();
        try {
            var header = new Metadata();
            header.put(NAMESPACE, namespace);
            return listed(ClientInterceptors.intercept(connection, MetadataUtils.newAttachHeadersInterceptor(header)));
        } finally {
            connection.shutdownNow();
            loop.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    private static Set<String> listed(Channel containerd) {
        var found = new TreeSet<String>();
        ContainersGrpc.newBlockingStub(containerd).withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS)
                .list(ListContainersRequest.getDefaultInstance()).getContainersList().forEach(container -> found.add("container " + container.getId()));
        TasksGrpc.newBlockingStub(containerd).withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS)
                .list(ListTasksRequest.getDefaultInstance()).getTasksList().forEach(task -> found.add("task " + task.getId()));
        LeasesGrpc.newBlockingStub(containerd).withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS)
                .list(ListRequest.getDefaultInstance()).getLeasesList().forEach(lease -> found.add("lease " + lease.getId()));
        ContentGrpc.newBlockingStub(containerd).withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS).list(ListContentRequest.getDefaultInstance())
                .forEachRemaining(part -> part.getInfoList().forEach(blob -> found.add("content " + blob.getDigest())));
        SnapshotsGrpc.newBlockingStub(containerd).withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS)
                .list(ListSnapshotsRequest.newBuilder().setSnapshotter(SNAPSHOTTER).build())
                .forEachRemaining(part -> part.getInfoList().forEach(snapshot -> found.add("snapshot " + snapshot.getName())));
        ImagesGrpc.newBlockingStub(containerd).withDeadlineAfter(SECONDS_MAX, TimeUnit.SECONDS)
                .list(ListImagesRequest.getDefaultInstance()).getImagesList().forEach(image -> found.add("image " + image.getName()));
        return found;
    }

    /** As its own client shows them. */
    static Set<String> shown(Path socket, String namespace) throws IOException, InterruptedException {
        var found = new TreeSet<String>();
        for (String kind : List.of("container", "task", "lease", "image")) {
            ctr(socket, namespace, kind + "s", "ls", "-q").forEach(name -> found.add(kind + " " + name));
        }
        ctr(socket, namespace, "content", "ls", "-q").forEach(digest -> found.add("content " + digest));
        List<String> table = ctr(socket, namespace, "snapshots", "--snapshotter", SNAPSHOTTER, "ls");
        table.subList(1, table.size()).forEach(line -> found.add("snapshot " + line.split("\\s+")[0]));
        return found;
    }

    private static List<String> ctr(Path socket, String namespace, String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("ctr", "--address", socket.toString(), "--namespace", namespace));
        command.addAll(List.of(arguments));
        return Tool.run(command.toArray(String[]::new)).orThrow().lines().filter(line -> !line.isBlank()).toList();
    }
}
