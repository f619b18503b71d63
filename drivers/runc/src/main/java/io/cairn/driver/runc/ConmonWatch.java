package io.cairn.driver.runc;

import io.cairn.core.driver.ObservationSink;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Watch;
import io.cairn.driver.host.Watched;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees the exits of watched containers: by conmon's records, whose directory tells at once of a new one; and by the {@link Watch}, in
 * case conmon was killed or a notice got lost.
 */
final class ConmonWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ConmonWatch.class);
    private static final long STOP_MILLIS_MAX = 5_000;

    private final RuncLayout layout;
    private final Exits exits;
    private final WatchService notices;
    private final Watch watch;
    private final Thread listening;

    private ConmonWatch(RuncLayout layout, Exits exits, LastSeen lastSeen, ObservationSink sink, WatchService notices) {
        this.layout = layout;
        this.exits = exits;
        this.notices = notices;
        this.watch = Watch.start(RuncDriver.NAME, this::find, lastSeen, sink);
        this.listening = Thread.ofVirtual().name("cairn-runc-exits").unstarted(this::listen);
    }

    static ConmonWatch start(RuncLayout layout, Exits exits, LastSeen lastSeen, ObservationSink sink) throws IOException {
        Path directory = FileTrees.directory(layout.exits());
        WatchService notices = directory.getFileSystem().newWatchService();
        directory.register(notices, StandardWatchEventKinds.ENTRY_CREATE);
        var watch = new ConmonWatch(layout, exits, lastSeen, sink, notices);
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
        return Container.read(layout.container(id)).flatMap(c -> c.started().map(s -> WatchedContainer.of(exits, c, s)));
    }

    private void listen() {
        try {
            while (true) {
                WatchKey key = notices.take();
                // conmon renames its record into place; the name before that is not a container's and finds nothing.
                for (var event : key.pollEvents()) {
                    if (event.kind() == StandardWatchEventKinds.OVERFLOW) {
                        watch.lookAtAll();
                    } else {
                        watch.lookAt(String.valueOf(event.context()));
                    }
                }
                key.reset();
            }
        } catch (ClosedWatchServiceException | InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        try {
            notices.close();
            listening.interrupt();
            watch.close();
            listening.join(STOP_MILLIS_MAX);
        } catch (IOException e) {
            LOG.warn("Cannot close the watch of {}: {}", layout.exits(), e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
