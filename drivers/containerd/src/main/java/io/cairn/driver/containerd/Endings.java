package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.driver.containerd.io.Output;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is to be done when a container's process is gone: learn how it ended, bring the rest of its output to the log, free its shim. */
record Endings(Backend backend) {
    private static final Logger LOG = LoggerFactory.getLogger(Endings.class);
    /** The shim has only to reap it. */
    private static final long NOTICE_MILLIS_MAX = 10_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * Returns when all of that is done; again, nothing is left to do.
     *
     * @param sawAliveNanos wall time at which it was last seen alive by whoever asks
     * @throws DriverException containerd does not say how it ended; it is to be asked again
     */
    ExitReport settle(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException, DriverException {
        ExitReport report = await(container, started, sawAliveNanos);
        if (Files.notExists(container.files().settled()) && Files.exists(container.files().run())) {
            tidy(container);
        }
        return report;
    }

    private ExitReport await(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException, DriverException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(NOTICE_MILLIS_MAX);
        while (true) {
            Option<ExitReport> report = backend.exits().of(container, started, sawAliveNanos);
            if (report.isDefined()) {
                return report.get();
            }
            if (System.nanoTime() - deadline >= 0) {
                return backend.exits().vanished(container, started, sawAliveNanos, "its shim has not noticed");
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void tidy(Container container) throws IOException {
        Option<Output> output = backend.outputs().find(container.id());
        try {
            boolean complete = output.isEmpty() || output.get().finish();
            backend.tasks().delete(container.id());
            if (complete) {
                FileTrees.write(container.files().settled(), new byte[0]);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (DriverException e) {
            // How it ended is known, and the removal of the container deletes its task as well.
            LOG.warn("{}", e.getMessage());
        }
    }
}
