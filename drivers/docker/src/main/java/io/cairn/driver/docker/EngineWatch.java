package io.cairn.driver.docker;

import com.github.dockerjava.api.model.Event;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ObservationSink;
import io.cairn.driver.docker.engine.EventStream;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Watch;
import io.cairn.driver.host.Watched;
import io.cairn.driver.host.WatchedProcess;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the exits of watched containers: by the {@link Watch}, and sooner by the engine's events. An event is a hint at what to look at; what
 * was not heard is found all the same. Each time the engine has been away, all is looked at.
 */
final class EngineWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(EngineWatch.class);
    private static final String NAME = "name";
    private static final long AWAY_MILLIS = 500;
    private static final long STOP_MILLIS_MAX = 5_000;

    private final Backend backend;
    private final Watch watch;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final AtomicReference<Option<EventStream>> events = new AtomicReference<>(Option.none());
    private final Thread listening;
    private volatile boolean closed;

    private EngineWatch(Backend backend, LastSeen lastSeen, ObservationSink sink) {
        this.backend = backend;
        this.watch = Watch.start(DockerDriver.NAME, this::find, lastSeen, sink);
        this.listening = Thread.ofVirtual().name("cairn-docker-events").unstarted(this::listen);
    }

    static EngineWatch start(Backend backend, LastSeen lastSeen, ObservationSink sink) {
        var watch = new EngineWatch(backend, lastSeen, sink);
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
        while (!closed) {
            try {
                hear();
            } catch (DriverException e) {
                LOG.debug("Events of docker are not heard: {}", e.getMessage());
            }
            pause();
        }
    }

    private void hear() throws DriverException {
        try (EventStream stream = backend.engine().events(Option.none(), Labels.of(backend.owned().owner()))) {
            events.set(Option.some(stream));
            if (closed) {
                return;
            }
            // What happened before this is not told any more, and it may be another engine.
            backend.facts().forget();
            watch.lookAtAll();
            for (Option<Event> event = stream.next(); event.isDefined(); event = stream.next()) {
                heard(event.get());
            }
        } finally {
            events.set(Option.none());
        }
    }

    private void heard(Event event) {
        Option.of(event.getActor()).flatMap(actor -> Option.of(actor.getAttributes())).flatMap(attributes -> Option.of(attributes.get(NAME)))
                .filter(name -> "die".equals(event.getAction())).forEach(watch::lookAt);
    }

    /** Not for ever at once, where an engine that is about to end takes connections only to drop them. */
    private void pause() {
        try {
            if (!closed) {
                TimeUnit.MILLISECONDS.sleep(AWAY_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closed = true;
        events.get().forEach(EventStream::close);
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
