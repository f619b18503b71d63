package io.cairn.app;

import io.cairn.app.config.CairnConfig;
import io.cairn.app.metrics.MetricsEndpoint;
import io.cairn.app.metrics.PrometheusMetrics;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.daemon.Preload;
import io.cairn.core.daemon.StartException;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Halt;
import io.cairn.core.metrics.Metrics;
import io.cairn.network.Cni;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.InstantSource;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** {@code cairn serve}: the daemon, until SIGTERM or SIGINT. */
final class ServeCommand implements Command {
    /** The program cannot go on and has stopped dead: what is on disk is the truth, the next start takes it from there. */
    private static final int HALTED = 70;

    @Override
    public String words() {
        return "serve";
    }

    @Override
    public String description() {
        return "Serve CRI until told to stop by SIGTERM; containers run on then.";
    }

    @Override
    public int run(Invocation invocation) throws Exception {
        Preload preload = Preload.begin();
        CairnConfig config = invocation.load().config();
        Logging.configure(config.logLevel(), config.logFormat());
        preload.loggingIsSetUp();
        Logger log = LoggerFactory.getLogger(ServeCommand.class);
        Halt halt = (reason, cause) -> {
            log.error("cairn stops here: {}", reason, cause);
            Runtime.getRuntime().halt(HALTED);
        };
        var metrics = new PrometheusMetrics();
        Option<MetricsEndpoint> endpoint = serve(metrics, config);
        Daemon daemon = start(config, halt, metrics);
        var stopping = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            stopping.countDown();
            awaitQuietly(stopped);
        }));
        stopping.await();
        try {
            daemon.close();
            endpoint.forEach(MetricsEndpoint::close);
        } finally {
            stopped.countDown();
        }
        return 0;
    }

    private static Option<MetricsEndpoint> serve(PrometheusMetrics metrics, CairnConfig config) throws CommandFailure {
        Option<InetSocketAddress> address = config.metrics().address();
        try {
            return address.isEmpty() ? Option.none() : Option.some(MetricsEndpoint.open(address.get(), metrics));
        } catch (IOException e) {
            throw new CommandFailure("Cannot serve metrics at %s (metrics.address): %s".formatted(address.get(), e.getMessage()));
        }
    }

    private static Daemon start(CairnConfig config, Halt halt, Metrics metrics) throws CommandFailure {
        try {
            return Daemon.start(DaemonConfig.daemon(config), () -> Cni.open(DaemonConfig.network(config), InstantSource.system()), Clock.SYSTEM,
                    halt, metrics);
        } catch (StartException | IOException e) {
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
}
