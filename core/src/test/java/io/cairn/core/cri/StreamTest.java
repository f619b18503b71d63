package io.cairn.core.cri;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.core.engine.Clock;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.proto.cri.Container;
import io.cairn.proto.cri.ImageServiceGrpc;
import io.cairn.proto.cri.RuntimeServiceGrpc;
import io.cairn.proto.cri.StreamContainersRequest;
import io.cairn.proto.cri.StreamContainersResponse;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.vavr.collection.Iterator;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Answers in many messages: bounded, complete, at the pace of the client, and over when it goes away. */
class StreamTest {
    private static final int ENTRIES = 5_000;
    /** Of ten kilobytes each: what gRPC takes ahead of a client is a megabyte or two. */
    private static final int AHEAD_MAX = 500;

    @TempDir(factory = InMemory.class) Path temp;

    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final AtomicInteger made = new AtomicInteger();
    private final CompletableFuture<Thread> sender = new CompletableFuture<>();
    private final CompletableFuture<Void> closed = new CompletableFuture<>();
    private final List<String> statuses = new CopyOnWriteArrayList<>();
    private CriServer server;
    private ManagedChannel channel;

    @BeforeEach
    void start() throws Exception {
        var dispatcher = new Dispatcher((call, id, peer) -> statuses.add(call.getMethod() + " " + call.getStatus()), Clock.SYSTEM);
        var runtime = new RuntimeServiceGrpc.RuntimeServiceImplBase() {
            @Override
            public void streamContainers(StreamContainersRequest request, StreamObserver<StreamContainersResponse> client) {
                dispatcher.stream("StreamContainers", request, (r, call) -> source(r.getFilter().getId()), client);
            }
        };
        Path socket = temp.resolve("socket").resolve("cairn.sock");
        server = new CriServer(socket, 1 << 20, new Services(runtime.bindService(), new ImageServiceGrpc.ImageServiceImplBase() {}.bindService()));
        channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toString())).channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loop).usePlaintext().overrideAuthority("localhost").build();
    }

    @AfterEach
    void end() throws Exception {
        channel.shutdownNow().awaitTermination(10, TimeUnit.SECONDS);
        server.close();
        loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }

    private Source<StreamContainersResponse> source(String kind) {
        sender.complete(Thread.currentThread());
        Iterator<Container> entries = Iterator.range(0, kind.equals("none") ? 0 : ENTRIES).map(i -> {
            if (kind.equals("fails") && i == ENTRIES - 1) {
                throw new IllegalStateException("a fault of ours");
            }
            made.incrementAndGet();
            return Container.newBuilder().setId("c" + i).putAnnotations("large", "x".repeat(10_000)).build();
        });
        Source<StreamContainersResponse> chunks =
                Chunks.of(entries, chunk -> StreamContainersResponse.newBuilder().addAllContainers(chunk).build());
        return new Source<>() {
            @Override
            public Option<StreamContainersResponse> next() throws InterruptedException {
                return chunks.next();
            }

            @Override
            public void close() {
                closed.complete(null);
            }
        };
    }

    @Test
    void fiveThousandEntriesComeWholeAndInOrderInSmallMessages() {
        var ids = new ArrayList<String>();
        RuntimeServiceGrpc.newBlockingStub(channel).streamContainers(request("all")).forEachRemaining(message -> {
            assertThat(message.getContainersCount()).isBetween(1, Chunks.ENTRIES_MAX);
            assertThat(message.getSerializedSize()).isLessThan(Chunks.BYTES_MAX + 20_000);
            message.getContainersList().forEach(c -> ids.add(c.getId()));
        });
        assertThat(ids).isEqualTo(Iterator.range(0, ENTRIES).map(i -> "c" + i).toJavaList());
        Eventually.holds("the call is recorded", () -> statuses.equals(List.of("StreamContainers OK")));
    }

    @Test
    void noEntriesAreNoMessages() {
        assertThat(RuntimeServiceGrpc.newBlockingStub(channel).streamContainers(request("none")).hasNext()).isFalse();
    }

    @Test
    void aClientThatDoesNotReadHoldsUpTheSenderInsteadOfFillingTheMemory() throws Exception {
        var call = new SlowClient("all");
        Thread sending = sender.get(10, TimeUnit.SECONDS);
        Eventually.holds("the sender waits", () -> sending.getState() == Thread.State.WAITING);
        assertThat(made.get()).isBetween(1, AHEAD_MAX);

        call.call.request(Integer.MAX_VALUE);
        assertThat(call.status.get(30, TimeUnit.SECONDS).isOk()).isTrue();
        assertThat(call.entries.get()).isEqualTo(ENTRIES);
    }

    @Test
    void aClientThatGoesAwayEndsTheSenderAndClosesTheSource() throws Exception {
        var call = new SlowClient("all");
        Thread sending = sender.get(10, TimeUnit.SECONDS);
        Eventually.holds("the sender waits", () -> sending.getState() == Thread.State.WAITING);

        call.call.cancel("enough", null);
        closed.get(10, TimeUnit.SECONDS);
        sending.join();
        assertThat(made.get()).isLessThan(AHEAD_MAX);
        Eventually.holds("the call is recorded", () -> statuses.equals(List.of("StreamContainers CANCELLED")));
    }

    @Test
    void aFaultInTheMiddleIsAStatusWithoutATrace() {
        assertThatThrownBy(() -> RuntimeServiceGrpc.newBlockingStub(channel).streamContainers(request("fails")).forEachRemaining(m -> {}))
                .hasMessageContaining("internal error in StreamContainers").hasMessageNotContaining("a fault of ours");
        assertThat(closed).isCompleted();
    }

    private static StreamContainersRequest request(String kind) {
        var request = StreamContainersRequest.newBuilder();
        request.getFilterBuilder().setId(kind);
        return request.build();
    }

    /** Takes messages only when it is told to. */
    private final class SlowClient extends ClientCall.Listener<StreamContainersResponse> {
        private final AtomicInteger entries = new AtomicInteger();
        private final CompletableFuture<Status> status = new CompletableFuture<>();
        private final ClientCall<StreamContainersRequest, StreamContainersResponse> call =
                channel.newCall(RuntimeServiceGrpc.getStreamContainersMethod(), CallOptions.DEFAULT);

        SlowClient(String kind) {
            call.start(this, new Metadata());
            call.sendMessage(request(kind));
            call.halfClose();
        }

        @Override
        public void onMessage(StreamContainersResponse message) {
            entries.addAndGet(message.getContainersCount());
        }

        @Override
        public void onClose(Status end, Metadata trailers) {
            status.complete(end);
        }
    }
}
