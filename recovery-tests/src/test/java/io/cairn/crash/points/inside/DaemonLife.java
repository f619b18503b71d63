package io.cairn.crash.points.inside;

import io.cairn.app.DaemonConfig;
import io.cairn.app.config.CairnConfig;
import io.cairn.app.config.ConfigLoader;
import io.cairn.core.daemon.Parts;
import io.cairn.core.driver.Driver;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Clock;
import io.cairn.core.metrics.Metrics;
import io.cairn.crash.points.Life;
import io.cairn.journal.JournalOptions;
import io.cairn.journal.StateLock;
import io.cairn.network.Cni;
import io.cairn.testkit.Await;
import io.grpc.Attributes;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** {@link Life} by the parts of a {@link io.cairn.core.daemon.Daemon}, called without a socket. */
public final class DaemonLife implements Life {
    /** Small, so that copies are cheap. */
    public static final JournalOptions JOURNAL = JournalOptions.defaults().withReserveBytes(64 << 10).withFloorBytes(0)
            .withMaxPayloadBytes(128 << 10);
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path config;
    /** What a dead life holds, the last first. */
    private final Deque<AutoCloseable> held = new ArrayDeque<>();
    /** Whether the ground is laid, or will not be. */
    private final CountDownLatch laid = new CountDownLatch(1);
    private Parts parts;

    /** @param config a test node's configuration file */
    public DaemonLife(Path config) {
        this.config = config;
    }

    /** Nothing waits for its time, and no call is noted: what this life does comes in the order of what it is asked. */
    @Override
    public void begin() throws Exception {
        // By it the drivers are found that have points in them.
        Thread.currentThread().setContextClassLoader(getClass().getClassLoader());
        CairnConfig read = ConfigLoader.load(Option.some(config)).get().config();
        var options = DaemonConfig.daemon(read).withJournal(JOURNAL);
        PodNetworks network;
        Parts.Ground ground;
        try {
            Parts.makeDirectories(options);
            StateLock lock = acquire(options.stateDirectory());
            held.push(lock);
            network = new PodNetworks(Cni.open(DaemonConfig.network(read), InstantSource.system()));
            ground = Parts.ground(options, lock, Clock.SYSTEM, held);
        } finally {
            laid.countDown();
        }
        parts = Parts.over(ground, options, network, new Parts.Surroundings(Clock.SYSTEM, (reason, cause) -> {}, Metrics.NONE,
                (call, id, peer) -> {}, Runnable::run, step -> {}), held);
    }

    /** A process that is begun on the other node has all descriptors of this one until it executes its program. */
    private static StateLock acquire(Path state) throws Exception {
        var lock = new AtomicReference<StateLock>();
        Await.until("the lock of " + state, PATIENCE, () -> {
            try {
                lock.set(StateLock.acquire(state));
                return true;
            } catch (StateLock.Held held) {
                return false;
            }
        });
        return lock.get();
    }

    @Override
    public <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
        boolean isImages = method.getServiceName().endsWith("ImageService");
        @SuppressWarnings("unchecked")
        var definition = (ServerMethodDefinition<Q, R>) (isImages ? parts.services().image() : parts.services().runtime())
                .getMethod(method.getFullMethodName());
        var served = new Served<>(method);
        ServerCall.Listener<Q> listener = definition.getServerCallHandler().startCall(served, new Metadata());
        listener.onMessage(request);
        listener.onHalfClose();
        return served.answer();
    }

    @Override
    public int openIntents() {
        var state = parts.engine().state();
        return state.sandboxes().values().count(s -> s.pending().isDefined()) + state.containers().values().count(c -> c.pending().isDefined())
                + state.images().values().count(i -> i.pending().isDefined()) + state.execs().size() + state.pulls().size();
    }

    @Override
    public void end() throws Exception {
        parts.feed().close();
        parts.streaming().close();
        parts.meter().close();
        parts.drivers().byName().values().forEach(Driver::close);
        parts.engine().close();
        parts.ground().lock().close();
    }

    /** Where a thread of its own has died while the ground was being laid, whoever lays it hears of that a little later, and closes what is open. */
    @Override
    public void bury() throws Exception {
        if (!laid.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
            throw new IllegalStateException("Expected the ground of a dead life to be laid or given up within " + PATIENCE);
        }
        Exception failed = null;
        for (AutoCloseable part : held) {
            try {
                part.close();
            } catch (Exception e) {
                failed = e;
            }
        }
        if (failed != null) {
            throw failed;
        }
    }

    /** A call without a connection. */
    private static final class Served<Q, R> extends ServerCall<Q, R> {
        private final MethodDescriptor<Q, R> method;
        private R message;
        private Status status;

        Served(MethodDescriptor<Q, R> method) {
            this.method = method;
        }

        R answer() {
            if (status == null || !status.isOk()) {
                throw (status == null ? Status.INTERNAL.withDescription("it was not answered") : status).asRuntimeException();
            }
            return message;
        }

        @Override
        public void request(int messages) {
            // The one message comes by itself.
        }

        @Override
        public void sendHeaders(Metadata headers) {
            // Nobody looks at them.
        }

        @Override
        public void sendMessage(R sent) {
            message = sent;
        }

        @Override
        public void close(Status closing, Metadata trailers) {
            status = closing;
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public Attributes getAttributes() {
            return Attributes.EMPTY;
        }

        @Override
        public MethodDescriptor<Q, R> getMethodDescriptor() {
            return method;
        }
    }
}
