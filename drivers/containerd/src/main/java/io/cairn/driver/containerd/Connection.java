package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.journal.Failure;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ConnectivityState;
import io.grpc.ForwardingClientCall.SimpleForwardingClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.ClientInterceptors;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One containerd, and one of its namespaces. Every call has a deadline. Where the socket does not answer, calls fail at once with
 * {@link Failure.Kind#UNAVAILABLE} and the socket's name; the first call after containerd is back finds it. Thread-safe.
 */
final class Connection implements AutoCloseable {
    /** The lease that holds what a call makes against the garbage collector. */
    static final CallOptions.Key<String> LEASE = CallOptions.Key.create("cairn-containerd-lease");

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);
    private static final Metadata.Key<String> NAMESPACE_HEADER = Metadata.Key.of("containerd-namespace", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> LEASE_HEADER = Metadata.Key.of("containerd-lease", Metadata.ASCII_STRING_MARSHALLER);
    /** containerd's own default limit of a message. */
    private static final int MESSAGE_BYTES_MAX = 16 << 20;
    /** From an open socket to the first answer of its server: a daemon that starts listens before it serves. */
    private static final long GREETING_MILLIS_MAX = 5_000;
    private static final long CLOSE_SECONDS_MAX = 5;

    private final Path socket;
    private final String namespace;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final ManagedChannel transport;
    private final Channel channel;

    /** @param deadline of each call that names none of its own */
    Connection(Path socket, String namespace, Duration deadline) {
        this.socket = socket;
        this.namespace = namespace;
        this.transport = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString())).overrideAuthority("localhost")
                .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class).eventLoopGroup(loop).executor(threads).usePlaintext()
                // It is gRPC's wish for sockets of the network; this one does not know it, and would say so at each connection.
                .withOption(ChannelOption.SO_KEEPALIVE, null).maxInboundMessageSize(MESSAGE_BYTES_MAX).build();
        this.channel = ClientInterceptors.intercept(transport, new Manners(namespace, deadline));
    }

    Path socket() {
        return socket;
    }

    String namespace() {
        return namespace;
    }

    /** Pid of the process that serves the socket (SO_PEERCRED, unix(7)); none where it cannot be told: systemd may listen for it. */
    Option<Long> server() {
        var bootstrap = new Bootstrap().group(loop).channel(EpollDomainSocketChannel.class).handler(new ChannelInboundHandlerAdapter());
        try {
            var connecting = bootstrap.connect(new DomainSocketAddress(socket.toString()));
            var channel = (EpollDomainSocketChannel) connecting.channel();
            try {
                connecting.sync();
                return Option.some((long) channel.peerCredentials().pid()).filter(pid -> pid > 1);
            } finally {
                channel.close();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Option.none();
        } catch (Exception e) {
            // Netty throws what it has met, whether it is declared or not.
            LOG.debug("Who serves {} cannot be told: {}", socket, e.toString());
            return Option.none();
        }
    }

    /** For the stubs of the services. */
    Channel channel() {
        return channel;
    }

    /** Namespace and lease in the header, and a deadline where there is none. */
    private record Manners(String namespace, Duration deadline) implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(MethodDescriptor<Q, R> method, CallOptions options, Channel next) {
            CallOptions bounded = options.getDeadline() == null ? options.withDeadlineAfter(deadline) : options;
            return new SimpleForwardingClientCall<>(next.newCall(method, bounded)) {
                @Override
                public void start(Listener<R> answers, Metadata headers) {
                    headers.put(NAMESPACE_HEADER, namespace);
                    Option.of(bounded.getOption(LEASE)).forEach(lease -> headers.put(LEASE_HEADER, lease));
                    super.start(answers, headers);
                }
            };
        }
    }

    /** @param tried continues "Cannot …" */
    <T> T call(String tried, Supplier<T> rpc) throws DriverException {
        try {
            awaitTransport(tried);
            return rpc.get();
        } catch (StatusRuntimeException e) {
            throw failure(tried, e.getStatus(), e);
        }
    }

    /** None when containerd says that there is no such thing. */
    <T> Option<T> find(String tried, Supplier<T> rpc) throws DriverException {
        try {
            awaitTransport(tried);
            return Option.some(rpc.get());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
                return Option.none();
            }
            throw failure(tried, e.getStatus(), e);
        }
    }

    /** @return none when containerd says that it is there already */
    <T> Option<T> make(String tried, Supplier<T> rpc) throws DriverException {
        try {
            awaitTransport(tried);
            return Option.some(rpc.get());
        } catch (StatusRuntimeException e) {
            if (e.getStatus().getCode() == Status.Code.ALREADY_EXISTS) {
                return Option.none();
            }
            throw failure(tried, e.getStatus(), e);
        }
    }

    DriverException failure(String tried, StatusException cause) {
        return failure(tried, cause.getStatus(), cause);
    }

    private DriverException failure(String tried, Status status, Exception cause) {
        String said = Option.of(status.getDescription()).getOrElse(() -> "nothing more than " + status.getCode());
        // Only what failed on this side has a cause: a connection that broke, whatever gRPC calls it.
        Status.Code code = status.getCause() == null || status.getCode() == Status.Code.CANCELLED ? status.getCode() : Status.Code.UNAVAILABLE;
        String reason = switch (code) {
            case UNAVAILABLE -> "containerd at %s does not answer: %s".formatted(socket, Option.of(status.getCause())
                    .map(c -> said + ": " + c.getMessage()).getOrElse(said));
            case DEADLINE_EXCEEDED -> "containerd at %s has not answered in time: %s".formatted(socket, said);
            case CANCELLED -> "the call to containerd at %s was given up".formatted(socket);
            default -> "containerd at %s says: %s".formatted(socket, said);
        };
        return new DriverException(kind(code, said), "Cannot %s: %s".formatted(tried, reason), cause);
    }

    private static Failure.Kind kind(Status.Code code, String said) {
        return switch (code) {
            case UNAVAILABLE, CANCELLED, ABORTED -> Failure.Kind.UNAVAILABLE;
            case DEADLINE_EXCEEDED -> Failure.Kind.TIMED_OUT;
            case NOT_FOUND -> Failure.Kind.NOT_FOUND;
            case INVALID_ARGUMENT, OUT_OF_RANGE -> Failure.Kind.INVALID;
            case UNIMPLEMENTED -> Failure.Kind.UNSUPPORTED;
            case RESOURCE_EXHAUSTED -> Failure.Kind.EXHAUSTED;
            case PERMISSION_DENIED, UNAUTHENTICATED -> Failure.Kind.DENIED;
            case OK, UNKNOWN, ALREADY_EXISTS, FAILED_PRECONDITION, INTERNAL, DATA_LOSS -> kind(said);
        };
    }

    /** What containerd passes on from below it, it gives no code: not even to its own end of a deadline. */
    private static Failure.Kind kind(String said) {
        if (said.contains("context deadline exceeded")) {
            return Failure.Kind.TIMED_OUT;
        }
        return said.contains("no space left on device") ? Failure.Kind.EXHAUSTED : Failure.Kind.FAILED;
    }

    /**
     * After a failure gRPC would go on refusing calls for a time that grows to minutes. A socket that can be connected to is tried at
     * once, and one that cannot tells why.
     */
    void awaitTransport(String tried) throws DriverException {
        if (transport.getState(true) != ConnectivityState.TRANSIENT_FAILURE) {
            return;
        }
        try (SocketChannel probe = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            transport.resetConnectBackoff();
        } catch (IOException e) {
            throw new DriverException(Failure.Kind.UNAVAILABLE, "Cannot %s: containerd at %s does not answer: %s: is it running?"
                    .formatted(tried, socket, e.getMessage()), e);
        }
        var changed = new CountDownLatch(1);
        transport.notifyWhenStateChanged(ConnectivityState.TRANSIENT_FAILURE, changed::countDown);
        try {
            // What it came to is the call's to find out.
            var _ = changed.await(GREETING_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new DriverException(Failure.Kind.UNAVAILABLE, "Cannot %s: the wait for containerd at %s was interrupted".formatted(tried, socket), e);
        }
    }

    /** Calls under way fail. */
    @Override
    public void close() {
        transport.shutdownNow();
        try {
            transport.awaitTermination(CLOSE_SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
        threads.shutdown();
    }
}
