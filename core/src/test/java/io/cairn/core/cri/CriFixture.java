package io.cairn.core.cri;

import com.google.protobuf.InvalidProtocolBufferException;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.daemon.DaemonOptions;
import io.cairn.core.daemon.ImageOptions;
import io.cairn.core.sim.Configs;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Points;
import io.cairn.core.sim.SimulatedDriver;
import io.cairn.core.sim.SimulatedDriverProvider;
import io.cairn.core.sim.SimulatedNetwork;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.World;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.proto.cri.CreateContainerRequest;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.ImageSpec;
import io.cairn.proto.cri.PullImageRequest;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.proto.cri.StartContainerRequest;
import io.cairn.proto.journal.Event;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.vavr.collection.HashMap;
import io.vavr.collection.Vector;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A daemon on a simulated world, and a client at its socket. */
final class CriFixture implements AutoCloseable {
    static final int MESSAGE_BYTES_MAX = 16 << 20;

    final World world = new World(new TestClock());
    final List<String> halts = new ArrayList<>();
    final CountingMetrics metrics = new CountingMetrics();
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Path directory;
    final TestClock clock = new TestClock();
    private final long floorBytes;
    private Daemon daemon;
    private ManagedChannel channel;

    CriFixture(Path directory) throws Exception {
        this(directory, 0);
    }

    /** @param floorBytes free space that the journals leave on their disk */
    CriFixture(Path directory, long floorBytes) throws Exception {
        this.directory = directory;
        this.floorBytes = floorBytes;
        SimulatedDriverProvider.offer(directory.toString(), world);
        start();
    }

    void start() throws Exception {
        daemon = Daemon.start(options(), () -> new SimulatedNetwork(world, Points.counting()), clock, (reason, cause) -> {
            synchronized (halts) {
                halts.add(reason);
            }
        }, metrics);
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket().toString())).channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loop).usePlaintext().overrideAuthority("localhost").maxInboundMessageSize(MESSAGE_BYTES_MAX).build();
    }

    DaemonOptions options() {
        return new DaemonOptions(stateDirectory(), directory.resolve("run"), socket(), MESSAGE_BYTES_MAX,
                Life.JOURNAL.withMaxPayloadBytes(io.cairn.journal.JournalOptions.MAX_PAYLOAD_BYTES).withFloorBytes(floorBytes),
                Life.JOURNAL.withFloorBytes(floorBytes),
                new io.cairn.core.daemon.RetentionOptions(java.time.Duration.ofDays(30), 1 << 30),
                io.cairn.streaming.StreamingOptions.defaults(new java.net.InetSocketAddress("127.0.0.1", 0)), SimulatedDriver.NAME,
                HashMap.of("simulated.world", directory.toString()), HashMap.of("special", HashMap.empty()),
                new ImageOptions(Vector.empty(), Duration.ZERO),
                java.nio.file.Path.of("/proc/sys/kernel/random/boot_id"), "1.2.3");
    }

    Path stateDirectory() {
        return directory.resolve("state");
    }

    Path socket() {
        return directory.resolve("socket").resolve("cairn.sock");
    }

    /** Ends the daemon; {@link #start} begins another one. */
    void stop() throws Exception {
        channel.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
        daemon.close();
    }

    /** Ends the daemon under its clients. */
    void closeDaemon() throws Exception {
        daemon.close();
        channel.shutdownNow().awaitTermination(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() throws Exception {
        stop();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        SimulatedDriverProvider.withdraw(directory.toString());
    }

    RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
        return RuntimeServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    RuntimeServiceGrpc.RuntimeServiceFutureStub runtimeLater() {
        return RuntimeServiceGrpc.newFutureStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    ImageServiceGrpc.ImageServiceBlockingStub images() {
        return ImageServiceGrpc.newBlockingStub(channel).withDeadlineAfter(60, TimeUnit.SECONDS);
    }

    ManagedChannel channel() {
        return channel;
    }

    // ---- what most tests begin with

    String pull(String image) {
        return images().pullImage(PullImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage(image)).build()).getImageRef();
    }

    String run(String pod) {
        return runtime().runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(Configs.pod(pod, 0)).build()).getPodSandboxId();
    }

    String create(String sandboxId, String name, String program) {
        return runtime().createContainer(CreateContainerRequest.newBuilder().setPodSandboxId(sandboxId)
                .setConfig(Configs.container(name, 0, "app", program)).setSandboxConfig(Configs.pod("p", 0)).build()).getContainerId();
    }

    String running(String sandboxId, String name, String program) {
        String id = create(sandboxId, name, program);
        runtime().startContainer(StartContainerRequest.newBuilder().setContainerId(id).build());
        return id;
    }

    /** Everything in the event journal. */
    List<Event> events() throws JournalException, InvalidProtocolBufferException {
        return read(Daemon.journalDirectory(stateDirectory()));
    }

    /** Everything in the access journal so far: it is written behind the answers. */
    List<Event> calls() throws JournalException, InvalidProtocolBufferException {
        return read(Daemon.accessDirectory(stateDirectory()));
    }

    private static List<Event> read(Path journal) throws JournalException, InvalidProtocolBufferException {
        var events = new ArrayList<Event>();
        try (var reader = JournalReader.open(journal, 1)) {
            for (var record = reader.next(); record.isDefined(); record = reader.next()) {
                events.add(Event.parseFrom(record.get().payload()));
            }
        }
        return events;
    }
}
