package io.cairn.app;

import io.cairn.app.config.CairnConfig;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.daemon.DaemonOptions;
import io.cairn.core.daemon.StartException;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Halt;
import io.cairn.journal.JournalOptions;
import io.cairn.network.Cni;
import io.cairn.network.CniOptions;
import io.cairn.network.NetworkException;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** {@code cairn serve}: the daemon, until SIGTERM or SIGINT. */
@Command(name = "serve", description = "Serve CRI until told to stop by SIGTERM; containers run on then.")
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);
    /** The program cannot go on and has stopped dead: what is on disk is the truth, the next start takes it from there. */
    private static final int HALTED = 70;

    @ParentCommand
    private Cairn cairn;

    @Override
    public Integer call() throws Exception {
        CairnConfig config = cairn.load().config();
        Logging.configure(config.logLevel(), config.logFormat());
        Halt halt = (reason, cause) -> {
            LOG.error("cairn stops here: {}", reason, cause);
            Runtime.getRuntime().halt(HALTED);
        };
        Daemon daemon = start(config, halt);
        var stopping = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            stopping.countDown();
            awaitQuietly(stopped);
        }));
        stopping.await();
        try {
            daemon.close();
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private static Daemon start(CairnConfig config, Halt halt) throws CommandFailure {
        try {
            var network = Cni.open(cni(config.network()), InstantSource.system());
            return Daemon.start(options(config), network, Clock.SYSTEM, halt);
        } catch (StartException | NetworkException | IOException e) {
            throw new CommandFailure(e.getMessage());
        }
    }

    /** The process may not end before the daemon has written everything down. */
    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static CniOptions cni(CairnConfig.Network network) {
        CniOptions defaults = CniOptions.defaults(network.confDir(), List.ofAll(network.binDirs()), network.cacheDir());
        return new CniOptions(defaults.confDir(), defaults.pluginDirs(), defaults.stateDir(), network.pluginTimeout(),
                defaults.statusTimeout(), defaults.missingPluginGrace(), defaults.environment());
    }

    private static DaemonOptions options(CairnConfig config) throws IOException {
        var journal = JournalOptions.defaults().withEpochBytes(config.journal().rollBytes()).withFloorBytes(config.journal().freeFloorBytes());
        var access = JournalOptions.defaults().withEpochBytes(Math.min(1L << 28, config.journal().accessBytesMax() / 8))
                .withFloorBytes(config.journal().freeFloorBytes()).withMaxTotalBytes(config.journal().accessBytesMax());
        return new DaemonOptions(config.stateDir(), config.runDir(), config.socket(), config.cri().maxMessageBytes(), journal, access,
                config.driver(), driverSettings(config), handlers(config), config.images().pinned().toVector(), Version.number());
    }

    /** What drivers read, by the key under which the configuration has it; durations as 1500ms, lists joined by ','. */
    private static Map<String, String> driverSettings(CairnConfig config) {
        return HashMap.of(
                "images.certs_dirs", config.images().certsDirs().map(Path::toString).mkString(","),
                "images.max_parallel_layers", Integer.toString(config.images().maxParallelLayers()),
                "images.stall_timeout", config.images().stallTimeout().toMillis() + "ms",
                "drivers.runc.runtime", path(config.runc().runtime()),
                "drivers.runc.conmon", config.runc().conmon().toString(),
                "drivers.runc.runtime_root", config.runc().runtimeRoot().toString(),
                "drivers.runc.cgroup_driver", config.runc().cgroupDriver().name().toLowerCase(java.util.Locale.ROOT));
    }

    private static Map<String, Map<String, String>> handlers(CairnConfig config) {
        return config.runtimeHandlers().mapValues(handler -> HashMap.of("driver", handler.driver(), "runtime", path(handler.runtime()),
                "runtime_args", handler.runtimeArgs().mkString(","))).toMap(t -> t);
    }

    private static String path(Option<Path> path) {
        return path.map(Path::toString).getOrElse("auto");
    }
}
