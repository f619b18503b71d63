package io.cairn.core.daemon;

import io.cairn.core.cri.CriServer;
import io.cairn.core.cri.Services;
import io.cairn.core.decide.Command;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.AccessJournal;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Halt;
import io.cairn.core.engine.JournalLog;
import io.cairn.core.engine.Origin;
import io.cairn.core.recovery.Recovery;
import io.cairn.core.recovery.Replay;
import io.cairn.journal.JournalException;
import io.cairn.journal.StateLock;
import io.cairn.network.PodNetwork;
import io.cairn.proto.journal.DriverBound;
import io.cairn.proto.journal.Event;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running cairn.
 *
 * <pre>
 *   lock the state directory → open the journal → bring the projection up to it → open the drivers
 *   → recover → open the CRI socket
 * </pre>
 *
 * <p>Containers do not belong to the daemon: {@link #close} leaves them running.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final StateLock lock;
    private final Engine engine;
    private final AccessJournal access;
    private final Drivers drivers;
    private final CriServer server;

    private Daemon(StateLock lock, Engine engine, AccessJournal access, Drivers drivers, CriServer server) {
        this.lock = lock;
        this.engine = engine;
        this.access = access;
        this.drivers = drivers;
        this.server = server;
    }

    /** Where the event journal lies in a state directory. */
    public static Path journalDirectory(Path stateDirectory) {
        return stateDirectory.resolve("journal");
    }

    /** Where the access journal lies in a state directory. */
    public static Path accessDirectory(Path stateDirectory) {
        return stateDirectory.resolve("access");
    }

    /** Returns when the socket is open and the state is the truth. */
    public static Daemon start(DaemonOptions options, PodNetwork network, Clock clock, Halt halt) throws StartException {
        try {
            privateDirectory(options.stateDirectory());
            privateDirectory(options.runDirectory());
            return open(options, new PodNetworks(network), clock, halt);
        } catch (StateLock.Held | JournalException | DriverException e) {
            throw new StartException(e.getMessage(), e);
        } catch (IOException | RocksDBException e) {
            throw new StartException("cairn cannot start in %s: %s".formatted(options.stateDirectory(), e.getMessage()), e);
        }
    }

    private static Daemon open(DaemonOptions options, PodNetworks networks, Clock clock, Halt halt)
            throws IOException, JournalException, RocksDBException, DriverException, StartException, StateLock.Held {
        var opened = new ArrayDeque<AutoCloseable>();
        try {
            return open(options, networks, clock, halt, opened);
        } catch (Throwable failed) {
            close(opened, failed);
            throw failed;
        }
    }

    /** @param opened what must be closed if the start fails, the last first */
    private static Daemon open(DaemonOptions options, PodNetworks networks, Clock clock, Halt halt, Deque<AutoCloseable> opened)
            throws IOException, JournalException, RocksDBException, DriverException, StartException, StateLock.Held {
        Path state = options.stateDirectory();
        StateLock lock = StateLock.acquire(state);
        opened.push(lock);
        String bootId = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
        JournalLog log = JournalLog.open(journalDirectory(state), options.journal(), clock, bootId, options.version());
        opened.push(log);
        Replay.Replayed replayed = Replay.run(log.journal(), state.resolve("projection"));
        opened.push(replayed.projection());
        var access = new AccessJournal(accessDirectory(state), options.access(), clock, bootId, options.version());
        opened.push(access);
        Drivers drivers = DriverLoader.load(options, replayed.state());
        var engine = new Engine(log, replayed.projection(), replayed.state(), clock, halt, new EventLogger(replayed.state()));
        // The engine owns log and projection from now on.
        opened.removeAll(List.of(log, replayed.projection()));
        opened.push(engine);
        drivers.byName().values().forEach(opened::push);
        drivers.byName().values().forEach(driver -> engine.submit(bound(driver), Origin.SELF));
        Operations operations = Operations.over(engine, drivers, networks);
        Recovery.run(engine, operations, drivers, networks.network(), clock);
        var services = Services.over(engine, operations, drivers, networks, access::served, clock, options.version(),
                options.pinnedImages().flatMap(image -> drivers.defaultDriver().images().canonical(image).toOption()).toSet());
        var server = new CriServer(options.socket(), options.messageBytesMax(), services);
        LOG.info("Serving CRI v1 at unix://{}", options.socket());
        return new Daemon(lock, engine, access, drivers, server);
    }

    private static void close(Deque<AutoCloseable> opened, Throwable failed) {
        for (AutoCloseable part : opened) {
            try {
                part.close();
            } catch (Exception e) {
                failed.addSuppressed(e);
            }
        }
    }

    private static Command bound(Driver driver) {
        return new Command.Note(Event.newBuilder().setDriver(driver.name()).setDriverBound(
                DriverBound.newBuilder().setDriver(driver.name()).setDetail(driver.describe())).build());
    }

    private static void privateDirectory(Path directory) throws IOException {
        var mode = PosixFilePermissions.fromString("rwx------");
        if (!Files.isDirectory(directory)) {
            if (directory.getParent() != null) {
                Files.createDirectories(directory.getParent());
            }
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
        }
        Files.setPosixFilePermissions(directory, mode);
    }

    /** Takes no more calls, finishes those under way, writes everything down. Containers run on. */
    @Override
    public void close() throws InterruptedException, IOException {
        server.close();
        drivers.byName().values().forEach(Driver::close);
        engine.close();
        access.close();
        lock.close();
        LOG.info("Stopped; containers run on");
    }
}
