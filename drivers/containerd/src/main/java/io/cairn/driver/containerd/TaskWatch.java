package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ObservationSink;
import io.cairn.driver.containerd.io.Output;
import io.cairn.driver.containerd.proto.events.EventsGrpc;
import io.cairn.driver.containerd.proto.events.SubscribeRequest;
import io.cairn.driver.containerd.proto.taskevents.TaskExit;
import io.cairn.driver.containerd.proto.taskevents.TaskOOM;
import io.cairn.driver.containerd.proto.types.Envelope;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.Watch;
import io.cairn.driver.host.Watched;
import io.cairn.driver.host.WatchedProcess;
import io.grpc.Context;
import io.grpc.StatusRuntimeException;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the exits of watched containers: by the {@link Watch}, and sooner by containerd's events. An event is a hint at what to look at;
 * what was not heard is found all the same. Each time containerd has been away, all is looked at.
 */
final class TaskWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TaskWatch.class);
    private static final String EXIT = "/tasks/exit";
    private static final String OOM = "/tasks/oom";
    /** A stream without an end would be one without a deadline. */
    private static final Duration STREAM_MAX = Duration.ofHours(1);
    private static final long AWAY_MILLIS = 500;
    private static final long STOP_MILLIS_MAX = 5_000;

    private final Backend backend;
    private final Watch watch;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final Context.CancellableContext subscription = Context.current().withCancellation();
    private final Thread listening;

    private TaskWatch(Backend backend, LastSeen lastSeen, ObservationSink sink) {
        this.backend = backend;
        this.watch = Watch.start(ContainerdDriver.NAME, this::find, lastSeen, sink);
        this.listening = Thread.ofVirtual().name("cairn-containerd-events").unstarted(() -> subscription.run(this::listen));
    }

    static TaskWatch start(Backend backend, LastSeen lastSeen, ObservationSink sink) {
        var watch = new TaskWatch(backend, lastSeen, sink);
        watch.listening.start();
        return watch;
    }

    void watch(String id, long pid) {
        watch.watch(id, pid);
    }

    void forget(String id) {
        watch.forget(id);
    }

    private Option<Watched> find(String id) throws IOException {
        return Container.read(backend.layout().container(id)).flatMap(c -> c.started().map(s ->
                WatchedProcess.of(saw -> new Endings(backend).settle(c, s, saw), threads, () -> watch.lookAt(id), id, s)));
    }

    private void listen() {
        while (!Thread.currentThread().isInterrupted() && !subscription.isCancelled()) {
            try {
                hear();
            } catch (StatusRuntimeException | DriverException e) {
                LOG.debug("Events of containerd are not heard: {}", e.getMessage());
                pause();
            }
        }
    }

    private void hear() throws DriverException {
        backend.containerd().awaitTransport("listen to events");
        var request = SubscribeRequest.newBuilder().addFilters(filter(EXIT)).addFilters(filter(OOM)).build();
        Iterator<Envelope> events = EventsGrpc.newBlockingStub(backend.containerd().channel()).withDeadlineAfter(STREAM_MAX).subscribe(request);
        // What happened before this is not told any more.
        settleInputs();
        watch.lookAtAll();
        events.forEachRemaining(this::heard);
    }

    /** Inputs that were to end with their first client, who has left while nobody could tell the shim. */
    private void settleInputs() {
        try {
            for (String id : FileTrees.names(backend.layout().containerRuns())) {
                for (Output output : backend.outputs().find(id)) {
                    output.settle();
                }
            }
        } catch (IOException e) {
            LOG.warn("The inputs of containers whose clients have left may still be open: {}", e.getMessage());
        }
    }

    private String filter(String topic) {
        return "topic==\"%s\",namespace==\"%s\"".formatted(topic, backend.containerd().namespace());
    }

    private void heard(Envelope event) {
        try {
            switch (event.getTopic()) {
                case EXIT -> {
                    TaskExit exit = TaskExit.parseFrom(event.getEvent().getValue());
                    if (exit.getId().equals(exit.getContainerId())) {
                        watch.lookAt(exit.getContainerId());
                    }
                }
                case OOM -> noteOom(TaskOOM.parseFrom(event.getEvent().getValue()).getContainerId());
                default -> LOG.debug("An event nobody has asked for: {}", event.getTopic());
            }
        } catch (IOException | DriverException e) {
            LOG.warn("An event of containerd, {}, was of no use: {}", event.getTopic(), e.getMessage());
        }
    }

    private void noteOom(String id) throws IOException, DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(id));
        if (Files.isDirectory(files.state())) {
            FileTrees.write(files.oom(), new byte[0]);
        }
    }

    private static void pause() {
        try {
            TimeUnit.MILLISECONDS.sleep(AWAY_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        subscription.cancel(null);
        listening.interrupt();
        watch.close();
        threads.shutdown();
        try {
            listening.join(STOP_MILLIS_MAX);
            // What learns how a container ended goes on to its end.
            var _ = threads.awaitTermination(STOP_MILLIS_MAX, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
