package io.cairn.core.daemon;

import io.cairn.core.cri.AccessLog;
import io.cairn.core.cri.CriServer;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.AccessJournal;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Halt;
import io.cairn.core.metrics.Metrics;
import io.cairn.core.projection.Snapshots;
import io.cairn.journal.JournalException;
import io.cairn.journal.StateLock;
import io.cairn.network.NetworkException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running cairn.
 *
 * <pre>
 *   lock the state directory → open the journal → bring the projection up to it → open the drivers
 *                            └→ open the network, and the access journal, meanwhile
 *   → recover → open the CRI socket
 * </pre>
 *
 * <p>Containers do not belong to the daemon: {@link #close} leaves them running.
 */
public final class Daemon implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);

    private final Parts parts;
    private final AccessJournal access;
    private final Later afterPullRetention;
    private final CriServer server;
    private final RetentionKeeper retention;

    private Daemon(Parts parts, AccessJournal access, Later afterPullRetention, CriServer server, RetentionKeeper retention) {
        this.parts = parts;
        this.access = access;
        this.afterPullRetention = afterPullRetention;
        this.server = server;
        this.retention = retention;
    }

    /** Where the event journal lies in a state directory. */
    public static Path journalDirectory(Path stateDirectory) {
        return stateDirectory.resolve("journal");
    }

    /** Where the access journal lies in a state directory. */
    public static Path accessDirectory(Path stateDirectory) {
        return stateDirectory.resolve("access");
    }

    /** Where the projection lies in a state directory. */
    public static Path projectionDirectory(Path stateDirectory) {
        return stateDirectory.resolve("projection");
    }

    /** Where copies of the projection lie that stand for retired events. */
    public static Path snapshotsDirectory(Path stateDirectory) {
        return stateDirectory.resolve("snapshots");
    }

    /**
     * Returns when the socket is open and the state is the truth.
     *
     * @param metrics told of calls, pulls and syncs from then on
     */
    public static Daemon start(DaemonOptions options, NetworkOpening network, Clock clock, Halt halt, Metrics metrics)
            throws StartException {
        var opened = new ArrayDeque<AutoCloseable>();
        try {
            Parts.makeDirectories(options);
            return open(options, network, clock, halt, metrics, opened);
        } catch (RuntimeException | Error failed) {
            close(opened, failed);
            throw failed;
        } catch (Exception failed) {
            close(opened, failed);
            throw told(options, failed);
        }
    }

    private static StartException told(DaemonOptions options, Exception failed) {
        return switch (failed) {
            case StartException told -> told;
            case StateLock.Held _, JournalException _, DriverException _, NetworkException _ -> new StartException(failed.getMessage(), failed);
            default -> new StartException("cairn cannot start in %s: %s".formatted(options.stateDirectory(), failed.getMessage()), failed);
        };
    }

    /** @param opened what must be closed if the start fails, the last first */
    private static Daemon open(DaemonOptions options, NetworkOpening network, Clock clock, Halt halt, Metrics metrics,
            Deque<AutoCloseable> opened) throws Exception {
        Path state = options.stateDirectory();
        StateLock lock = StateLock.acquire(state);
        opened.push(lock);
        var networkMeanwhile = Meanwhile.begin("cairn-network", network::open, _ -> { });
        opened.push(networkMeanwhile);
        var accessMeanwhile = Meanwhile.begin("cairn-access-opening",
                () -> new AccessJournal(accessDirectory(state), options.access(), clock, options.bootId(), options.version()), AccessJournal::close);
        opened.push(accessMeanwhile);
        Parts.Ground ground = Parts.ground(options, lock, clock, opened);
        var networks = new PodNetworks(networkMeanwhile.take());
        AccessJournal access = accessMeanwhile.take();
        var afterPullRetention = new Later("cairn-image-garbage", options.images().failedPullRetention());
        opened.push(afterPullRetention);
        var epochsBegun = new Semaphore(0);
        var logger = new EventLogger(ground.replayed().state());
        Parts parts = Parts.over(ground, options, networks, new Parts.Surroundings(clock, halt, metrics, counted(access, metrics),
                afterPullRetention, logger.andThen(step -> epochsBegun.release(step.event().hasEpochOpened() ? 1 : 0))), opened);
        parts.operations().images().freeUnusedLater();
        var server = new CriServer(options.socket(), options.messageBytesMax(), parts.services());
        LOG.info("Serving CRI v1 at unix://{}", options.socket());
        var retention = new RetentionKeeper(journalDirectory(state), options.retention(), ground.replayed().projection(),
                new Snapshots(snapshotsDirectory(state)), parts.engine(), clock, epochsBegun);
        retention.start();
        return new Daemon(parts, access, afterPullRetention, server, retention);
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

    private static AccessLog counted(AccessJournal access, Metrics metrics) {
        return (call, correlationId, peer) -> {
            metrics.callServed(call.getMethod(), call.getStatus(), call.getLatencyNanos());
            access.served(call, correlationId, peer);
        };
    }

    /** Takes no more calls, finishes those under way, writes everything down. Containers run on. */
    @Override
    public void close() throws InterruptedException, IOException {
        parts.feed().close();
        server.close();
        afterPullRetention.close();
        parts.streaming().close();
        parts.meter().close();
        parts.drivers().byName().values().forEach(Driver::close);
        retention.stop();
        parts.engine().close();
        retention.close();
        access.close();
        parts.ground().lock().close();
        LOG.info("Stopped; containers run on");
    }
}
