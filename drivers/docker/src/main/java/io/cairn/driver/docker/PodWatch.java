package io.cairn.driver.docker;

import io.cairn.core.driver.ObservationSink;
import io.cairn.driver.host.ProcessRef;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees when pods lose their namespaces: an engine without live restore ends all containers when it ends itself, those that hold pods among
 * them. One look at each every second; all methods may be called on any thread.
 */
final class PodWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PodWatch.class);
    private static final long TICK_MILLIS = 1_000;
    private static final long STOP_MILLIS_MAX = 5_000;

    private final ObservationSink sink;
    private final ConcurrentHashMap<String, ProcessRef> watched = new ConcurrentHashMap<>();
    private final Thread looking = Thread.ofVirtual().name("cairn-docker-pods").unstarted(this::look);

    private PodWatch(ObservationSink sink) {
        this.sink = sink;
    }

    static PodWatch start(ObservationSink sink) {
        var watch = new PodWatch(sink);
        watch.looking.start();
        return watch;
    }

    /** @param process that holds its namespaces */
    void watch(String sandboxId, ProcessRef process) {
        watched.put(sandboxId, process);
    }

    /** It is to be ended now. */
    void forget(String sandboxId) {
        watched.remove(sandboxId);
    }

    private void look() {
        try {
            while (true) {
                TimeUnit.MILLISECONDS.sleep(TICK_MILLIS);
                watched.forEach(this::look);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look(String sandboxId, ProcessRef process) {
        try {
            // Again and again: while the pod is still being made it is of no interest yet. Forgotten meanwhile, it is somebody's wish.
            if (!process.isAlive() && watched.containsKey(sandboxId)) {
                sink.sandboxVanished(sandboxId, "process %d, which held its namespaces, is gone".formatted(process.pid()));
            }
        } catch (IOException e) {
            LOG.warn("Cannot look at pod sandbox {}, will try again: {}", sandboxId, e.getMessage());
        }
    }

    @Override
    public void close() {
        try {
            looking.interrupt();
            looking.join(STOP_MILLIS_MAX);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
