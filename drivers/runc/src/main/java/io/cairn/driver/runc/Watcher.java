package io.cairn.driver.runc;

import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.ObservationSink;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.vavr.collection.HashMap;
import io.vavr.collection.HashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Instant;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the exits of watched containers: by conmon's records, whose directory tells at once of a new one; and, every second, by a
 * look at the process of each, in case conmon was killed or a notice got lost. One thread does the looking.
 */
final class Watcher implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);
    private static final long TICK_MILLIS = 1_000;
    /** conmon lives, so its record comes; how long it may take on a busy disk. */
    private static final long RECORD_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);
    private static final long STOP_MILLIS_MAX = 5_000;

    private final Layout layout;
    private final Exits exits;
    private final LastSeen lastSeen;
    private final ObservationSink sink;
    private final BlockingQueue<Function<Map<String, Watched>, Map<String, Watched>>> orders = new LinkedBlockingQueue<>();
    private final WatchService notices;
    private final Thread looking;
    private final Thread listening;

    /**
     * One container under watch.
     *
     * @param deadSinceNanos on the monotonic clock, when its process was found gone
     */
    private record Watched(Container container, StartRecord started, Option<Long> sawAliveNanos, Option<Long> deadSinceNanos,
            boolean warned) {}

    private Watcher(Layout layout, Exits exits, LastSeen lastSeen, ObservationSink sink, WatchService notices) {
        this.layout = layout;
        this.exits = exits;
        this.lastSeen = lastSeen;
        this.sink = sink;
        this.notices = notices;
        this.looking = Thread.ofVirtual().name("cairn-runc-watch").unstarted(this::look);
        this.listening = Thread.ofVirtual().name("cairn-runc-exits").unstarted(this::listen);
    }

    static Watcher start(Layout layout, Exits exits, LastSeen lastSeen, ObservationSink sink) throws IOException {
        Path directory = FileTrees.directory(layout.exits());
        WatchService notices = directory.getFileSystem().newWatchService();
        directory.register(notices, StandardWatchEventKinds.ENTRY_CREATE);
        var watcher = new Watcher(layout, exits, lastSeen, sink, notices);
        watcher.looking.start();
        watcher.listening.start();
        return watcher;
    }

    /** Watches from now on, and looks at once: it may have ended before anybody asked. */
    void watch(String id, long pid) {
        orders.add(watched -> watched.containsKey(id) ? watched : take(watched, id, pid));
    }

    void forget(String id) {
        orders.add(watched -> watched.remove(id));
    }

    private Map<String, Watched> take(Map<String, Watched> watched, String id, long pid) {
        try {
            ContainerFiles files = layout.container(id);
            Option<Container> container = Container.read(files);
            Option<StartRecord> started = container.flatMap(Container::started);
            if (started.isEmpty() || started.get().process().pid() != pid) {
                LOG.warn("Asked to watch process {} of container {}, but its files know {}", pid, id,
                        started.map(s -> "process " + s.process().pid()).getOrElse("no process"));
            }
            return started.isEmpty() ? watched
                    : afterLook(watched.put(id, new Watched(container.get(), started.get(), Option.none(), Option.none(), false)), id);
        } catch (IOException e) {
            LOG.error("Cannot watch container {}: {}", id, e.toString());
            return watched;
        }
    }

    private void listen() {
        try {
            while (true) {
                WatchKey key = notices.take();
                // conmon renames its record into place; the name before that is not a container's and finds nothing.
                for (var event : key.pollEvents()) {
                    String name = String.valueOf(event.context());
                    orders.add(watched -> event.kind() == StandardWatchEventKinds.OVERFLOW ? afterLooks(watched)
                            : afterLook(watched, name));
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            Thread.currentThread().interrupt();
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
            Set<String> alive = HashSet.ofAll(after.filterValues(w -> w.deadSinceNanos().isEmpty()).keySet());
            lastSeen.note(alive, before);
        } catch (IOException e) {
            LOG.warn("Cannot note which containers are alive in {}: {}", layout.alive(), e.toString());
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
            Option<ExitReport> report = ended(one.get());
            if (report.isDefined()) {
                sink.exited(id, report.get());
                return watched.remove(id);
            }
            return watched.put(id, lookedAt(one.get()));
        } catch (IOException e) {
            LOG.warn("Cannot look at container {}, will try again: {}", id, e.toString());
            return watched;
        }
    }

    private Option<ExitReport> ended(Watched one) throws IOException {
        Option<ExitReport> recorded = exits.recorded(one.container());
        if (recorded.isDefined() || one.started().process().isAlive()) {
            return recorded;
        }
        // conmon writes before it ends: once it is gone, a record that is not there will not come.
        boolean comes = one.started().conmon().isDefined() && one.started().conmon().get().isAlive()
                && one.deadSinceNanos().forAll(since -> System.nanoTime() - since < RECORD_NANOS_MAX);
        if (comes) {
            return Option.none();
        }
        Option<ExitReport> late = exits.recorded(one.container());
        return late.isDefined() ? late : Option.some(exits.vanished(one.container(), one.started(), one.sawAliveNanos()));
    }

    private Watched lookedAt(Watched one) throws IOException {
        long now = WallClock.now();
        if (!one.started().process().isAlive()) {
            Option<Long> since = one.deadSinceNanos().orElse(Option.some(System.nanoTime()));
            return new Watched(one.container(), one.started(), one.sawAliveNanos(), since, one.warned());
        }
        boolean alone = one.started().conmon().isEmpty() || !one.started().conmon().get().isAlive();
        if (alone && !one.warned()) {
            LOG.warn("The conmon of container {} is gone while the container runs: its output and its exit code will be lost",
                    one.container().files().id());
        }
        return new Watched(one.container(), one.started(), Option.some(now), Option.none(), one.warned() || alone);
    }

    @Override
    public void close() {
        try {
            notices.close();
            listening.interrupt();
            looking.interrupt();
            looking.join(STOP_MILLIS_MAX);
            listening.join(STOP_MILLIS_MAX);
        } catch (IOException e) {
            LOG.warn("Cannot close the watch of {}: {}", layout.exits(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
