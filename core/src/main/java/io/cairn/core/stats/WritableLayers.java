package io.cairn.core.stats;

import io.cairn.core.driver.LayerUse;
import io.cairn.core.engine.Clock;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What containers have written, measured one after the other in the background, when somebody asks and the last result is old. A
 * caller gets the last result with its time, and waits only a moment for what was never measured. Thread-safe.
 */
final class WritableLayers implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WritableLayers.class);
    private static final long AGE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    /** A layer that takes a second to measure is measured once in twenty: no more than a twentieth of a disk goes to it. */
    private static final int REST_FACTOR = 20;
    static final Duration FIRST_WAIT = Duration.ofMillis(200);

    /** @param wallNanos when it was measured */
    record Measured(LayerUse use, long wallNanos, long monotonicNanos, long tookNanos) {}

    /** What measures; fails when there is nothing to measure. */
    interface Gauge {
        LayerUse measure(String containerId) throws Exception;
    }

    private final Gauge gauge;
    private final Clock clock;
    private final Duration firstWait;
    private final ConcurrentHashMap<String, Measured> last = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, CompletableFuture<Void>> underWay = new ConcurrentHashMap<>();
    private final ExecutorService worker = Executors.newSingleThreadExecutor(Thread.ofPlatform().name("cairn-layers").daemon().factory());

    /** @param firstWait how long a caller waits for what was never measured */
    WritableLayers(Gauge gauge, Clock clock, Duration firstWait) {
        this.gauge = gauge;
        this.clock = clock;
        this.firstWait = firstWait;
    }

    /** The last results; what could not be measured yet is missing. */
    Map<String, Measured> latest(Vector<String> ids) {
        Vector<CompletableFuture<Void>> begun = ids.flatMap(this::measureLater);
        if (ids.exists(id -> !last.containsKey(id))) {
            await(begun);
        }
        return ids.foldLeft(HashMap.empty(), (all, id) -> Option.of(last.get(id)).map(m -> all.put(id, m)).getOrElse(all));
    }

    /** Forgets what is not there any more. */
    void keep(Set<String> ids) {
        last.keySet().removeIf(id -> !ids.contains(id));
    }

    int size() {
        return last.size();
    }

    private boolean isDue(String id) {
        Measured known = last.get(id);
        return known == null
                || clock.monotonicNanos() - known.monotonicNanos() >= Math.max(AGE_NANOS_MAX, known.tookNanos() * REST_FACTOR);
    }

    /** Unless the last result is fresh, which may have come only now: so that is looked at where nobody else begins. */
    private Option<CompletableFuture<Void>> measureLater(String id) {
        return Option.of(underWay.computeIfAbsent(id, i -> isDue(i) ? begin(i) : null));
    }

    private CompletableFuture<Void> begin(String id) {
        try {
            return CompletableFuture.runAsync(() -> measure(id), worker);
        } catch (RejectedExecutionException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private void measure(String id) {
        long begun = clock.monotonicNanos();
        long wall = clock.wallNanos();
        try {
            LayerUse use = gauge.measure(id);
            last.put(id, new Measured(use, wall, begun, clock.monotonicNanos() - begun));
        } catch (Exception e) {
            // A container that is removed meanwhile is no trouble; of another one the next try will tell more.
            LOG.debug("What container {} has written could not be measured: {}", id, e.getMessage());
        } finally {
            underWay.remove(id);
        }
    }

    private void await(Vector<CompletableFuture<Void>> begun) {
        try {
            CompletableFuture.allOf(begun.toJavaArray(CompletableFuture[]::new)).orTimeout(firstWait.toMillis(), TimeUnit.MILLISECONDS).join();
        } catch (CompletionException e) {
            LOG.debug("Not all writable layers are measured yet");
        }
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
