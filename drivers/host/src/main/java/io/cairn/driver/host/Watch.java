package io.cairn.driver.host;

import io.cairn.core.driver.ObservationSink;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the exits of watched containers: by a look at each of them every second, whatever notices got lost; and at once at those of which
 * somebody has heard something. One thread does the looking; all methods may be called on any thread and do not wait for it.
 */
public final class Watch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watch.class);
    private static final long TICK_MILLIS = 1_000;
    private static final long STOP_MILLIS_MAX = 5_000;

    private final Watched.Finder finder;
    private final LastSeen lastSeen;
    private final ObservationSink sink;
    private final BlockingQueue<UnaryOperator<Map<String, Watched>>> orders = new LinkedBlockingQueue<>();
    private final Thread looking;

    private Watch(String driver, Watched.Finder finder, LastSeen lastSeen, ObservationSink sink) {
        this.finder = finder;
        this.lastSeen = lastSeen;
        this.sink = sink;
        this.looking = Thread.ofVirtual().name("cairn-%s-watch".formatted(driver)).unstarted(this::look);
    }

    /** @param driver its name, for the name of the thread */
    public static Watch start(String driver, Watched.Finder finder, LastSeen lastSeen, ObservationSink sink) {
        var watch = new Watch(driver, finder, lastSeen, sink);
        watch.looking.start();
        return watch;
    }

    /** Watches from now on, and looks at once: it may have ended before anybody asked. */
    public void watch(String id, long pid) {
        orders.add(watched -> watched.containsKey(id) ? watched : take(watched, id, pid));
    }

    public void forget(String id) {
        orders.add(watched -> watched.remove(id));
    }

    /** Something was heard of a container: looks at it at once. An id that is not watched is no error. */
    public void lookAt(String id) {
        orders.add(watched -> afterLook(watched, id));
    }

    /** Something may have been missed: looks at all of them at once. */
    public void lookAtAll() {
        orders.add(this::afterLooks);
    }

    private Map<String, Watched> take(Map<String, Watched> watched, String id, long pid) {
        try {
            Option<Watched> found = finder.find(id);
            Option<Long> known = found.map(f -> f.started().process().pid());
            if (!known.contains(pid)) {
                LOG.warn("Asked to watch process {} of container {}, but its files know {}", pid, id,
                        known.map(p -> "process " + p).getOrElse("no process"));
            }
            return found.isEmpty() ? watched : afterLook(watched.put(id, found.get()), id);
        } catch (IOException e) {
            LOG.error("Cannot watch container {}: {}", id, e.toString());
            return watched;
        }
    }

    private void look() {
        Map<String, Watched> watched = HashMap.empty();
        long nextTick = System.nanoTime();
        try {
            while (true) {
                var order = orders.poll(Math.max(0, nextTick - System.nanoTime()), TimeUnit.NANOSECONDS);
                if (order != null) {
                    watched = order.apply(watched);
                } else {
                    nextTick = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TICK_MILLIS);
                    watched = tick(watched);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Map<String, Watched> tick(Map<String, Watched> watched) {
        Instant before = Instant.now();
        Map<String, Watched> after = afterLooks(watched);
        try {
            Set<String> alive = HashSet.ofAll(after.filterValues(Watched::isAlive).keySet());
            lastSeen.note(alive, before);
        } catch (IOException e) {
            LOG.warn("Cannot note which containers are alive: {}", e.toString());
        }
        return after;
    }

    private Map<String, Watched> afterLooks(Map<String, Watched> watched) {
        Map<String, Watched> after = watched;
        for (String id : watched.keySet()) {
            after = afterLook(after, id);
        }
        return after;
    }

    private Map<String, Watched> afterLook(Map<String, Watched> watched, String id) {
        Option<Watched> one = watched.get(id);
        if (one.isEmpty()) {
            return watched;
        }
        try {
            return switch (one.get().look()) {
                case Watched.Look.Ended(var report) -> {
                    sink.exited(id, report);
                    yield watched.remove(id);
                }
                case Watched.Look.Goes(Watched as) -> watched.put(id, as);
            };
        } catch (IOException e) {
            LOG.warn("Cannot look at container {}, will try again: {}", id, e.toString());
            return watched;
        }
    }

    /** Waits a few seconds at most for a look that is under way. */
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
