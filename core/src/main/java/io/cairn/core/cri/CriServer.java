package io.cairn.core.cri;

import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The CRI socket. Each call runs on a virtual thread. */
public final class CriServer implements AutoCloseable {
    private final Path socket;
    private final EventLoopGroup accepting = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final EventLoopGroup serving = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
    private final Server server;

    /**
     * Opens the socket. The state is recovered by now: the first call that gets through gets the truth.
     *
     * @param messageBytesMax larger requests are refused with RESOURCE_EXHAUSTED
     */
    public CriServer(Path socket, int messageBytesMax, Services services) throws IOException {
        this.socket = socket;
        prepareDirectory(socket.getParent());
        // Left by a process that was killed; the lock on the state directory says that nobody listens there any more.
        Files.deleteIfExists(socket);
        Path hidden = hiddenDirectory(socket.getParent());
        Path fresh = hidden.resolve("s");
        this.server = at(fresh, accepting, serving).executor(calls).maxInboundMessageSize(messageBytesMax)
                .addService(services.runtime()).addService(services.image()).build();
        server.start();
        Files.move(Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-rw----")), socket);
        Files.delete(hidden);
    }

    private static NettyServerBuilder at(Path socket, EventLoopGroup accepting, EventLoopGroup serving) {
        return NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toString())).channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(accepting).workerEventLoopGroup(serving).protocolNegotiator(new PeerNegotiator());
    }

    /** Loads what a server is made of. Nothing of it listens or stays. */
    public static void preload() {
        var group = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        try {
            at(Path.of("/nowhere"), group, group).build().shutdownNow();
        } finally {
            group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
        }
    }

    /** Loads CRI's messages. */
    public static void preloadMessages() {
        RuntimeServiceGrpc.getServiceDescriptor();
        ImageServiceGrpc.getServiceDescriptor();
    }

    /** Nobody else may come to the socket, not even between its creation and the change of its mode. Short: a socket's path is, too. */
    private static Path hiddenDirectory(Path parent) throws IOException {
        Path hidden = parent.resolve(".s");
        Files.deleteIfExists(hidden.resolve("s"));
        Files.deleteIfExists(hidden);
        return Files.createDirectory(hidden, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }

    /** Nobody else needs to enter a directory made for the socket. One that was there before is left as it is: it may be /run itself. */
    private static void prepareDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            Files.createDirectories(directory.getParent());
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
    }

    /** Takes no more calls and gives those under way a moment to end; what has not ended is settled by the next start. */
    @Override
    public void close() throws InterruptedException, IOException {
        server.shutdown();
        if (!server.awaitTermination(5, TimeUnit.SECONDS)) {
            server.shutdownNow();
        }
        accepting.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        serving.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        calls.shutdown();
        Files.deleteIfExists(socket);
    }
}
