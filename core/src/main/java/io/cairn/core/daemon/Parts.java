package io.cairn.core.daemon;

import io.cairn.cgroups.CgroupReader;
import io.cairn.cgroups.Hierarchies;
import io.cairn.core.cri.AccessLog;
import io.cairn.core.cri.Services;
import io.cairn.core.decide.Command;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Halt;
import io.cairn.core.engine.JournalLog;
import io.cairn.core.engine.MeteredLog;
import io.cairn.core.engine.Origin;
import io.cairn.core.evolve.Moment;
import io.cairn.core.evolve.Step;
import io.cairn.core.feed.EventFeed;
import io.cairn.core.metrics.Metrics;
import io.cairn.core.projection.DeferringProjector;
import io.cairn.core.recovery.Recovery;
import io.cairn.core.recovery.Replay;
import io.cairn.core.stats.Meter;
import io.cairn.journal.JournalException;
import io.cairn.journal.StateLock;
import io.cairn.proto.journal.DriverBound;
import io.cairn.proto.journal.Event;
import io.cairn.streaming.StreamingServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.rocksdb.RocksDBException;

/**
 * What a running cairn is made of, but its doors and what runs by the clock: no socket, no access journal, no retention. The
 * {@link Daemon} puts those around it; a test that stops a daemon anywhere puts itself around it.
 *
 * <p>Every part is pushed to the caller's list of what is open as soon as it is, so that a start that fails can be undone by closing the
 * last one first. Closing log or projection after the engine, which owns them, is no error.
 */
public record Parts(
        Ground ground, Drivers drivers, EventFeed feed, Engine engine, Operations operations, Meter meter, StreamingServer streaming,
        Services services) {
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    /** What all is built upon: the state directory, held, and the history in it. */
    public record Ground(StateLock lock, String bootId, JournalLog log, Replay.Replayed replayed) {}

    /**
     * What parts are built among.
     *
     * @param afterPullRetention runs what is to wait for the next pull
     * @param listener told of every event before the feed's readers are, on the engine's thread: must be quick
     */
    public record Surroundings(
            Clock clock, Halt halt, Metrics metrics, AccessLog access, Executor afterPullRetention, Consumer<Step> listener) {}

    /** Makes the directories that only cairn is to use. */
    public static void makeDirectories(DaemonOptions options) throws IOException {
        ownDirectory(options.stateDirectory(), "rwx------");
        ownDirectory(options.runDirectory(), "rwx--x--x");
    }

    /** Pods with users of their own must pass the run-time directory to come to their root file systems; nobody else sees into it. */
    private static void ownDirectory(Path directory, String permissions) throws IOException {
        var mode = PosixFilePermissions.fromString(permissions);
        if (!Files.isDirectory(directory)) {
            if (directory.getParent() != null) {
                Files.createDirectories(directory.getParent());
            }
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
        }
        Files.setPosixFilePermissions(directory, mode);
    }

    /** Opens the journal and brings the projection up to it. @param lock of the state directory; the caller's to close */
    public static Ground ground(DaemonOptions options, StateLock lock, Clock clock, Deque<AutoCloseable> opened)
            throws IOException, JournalException, RocksDBException {
        Path state = options.stateDirectory();
        String bootId = options.bootId();
        JournalLog log = JournalLog.open(Daemon.journalDirectory(state), options.journal(), clock, bootId, options.version());
        opened.push(log);
        Replay.Replayed replayed = Replay.run(log.journal(), Daemon.projectionDirectory(state), Daemon.snapshotsDirectory(state));
        opened.push(replayed.projection());
        return new Ground(lock, bootId, log, replayed);
    }

    /** Opens the drivers and recovers: when this returns, the state is the truth. */
    public static Parts over(Ground ground, DaemonOptions options, PodNetworks networks, Surroundings around, Deque<AutoCloseable> opened)
            throws IOException, DriverException, StartException {
        Clock clock = around.clock();
        Replay.Replayed replayed = ground.replayed();
        Drivers drivers = DriverLoader.load(options, replayed.state());
        drivers.byName().values().forEach(opened::push);
        var feed = new EventFeed(Daemon.journalDirectory(options.stateDirectory()), replayed.recent(),
                new Moment(replayed.state(), ground.log().journal().head().sequence()), clock);
        opened.push(feed);
        var engine = new Engine(new MeteredLog(ground.log(), around.metrics(), clock), new DeferringProjector(replayed.projection(), clock),
                replayed.state(), clock, around.halt(), around.listener().andThen(feed));
        opened.push(engine);
        drivers.byName().values().forEach(driver -> engine.submit(bound(driver), Origin.SELF));
        Operations operations = Operations.over(engine, drivers, networks, around.metrics(), around.afterPullRetention());
        Recovery.run(engine, operations, drivers, networks.network(), clock);
        var meter = new Meter(engine::state, drivers, new CgroupReader(Hierarchies.below(CGROUPS)), clock);
        opened.push(meter);
        var streaming = new StreamingServer(options.streaming());
        opened.push(streaming);
        var services = Services.over(engine, operations, drivers, networks, meter, feed, streaming, around.access(), clock, options.version(),
                options.images().pinned().flatMap(image -> drivers.defaultDriver().images().canonical(image).toOption()).toSet());
        return new Parts(ground, drivers, feed, engine, operations, meter, streaming, services);
    }

    private static Command bound(Driver driver) {
        return new Command.Note(Event.newBuilder().setDriver(driver.name()).setDriverBound(
                DriverBound.newBuilder().setDriver(driver.name()).setDetail(driver.describe())).build());
    }
}
