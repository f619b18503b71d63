package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Learns how a container ended whose process is gone. */
record Endings(Backend backend) {
    /** The engine has only to hear of it from its containerd. */
    private static final long NOTICE_MILLIS_MAX = 10_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    /**
     * @param sawAliveNanos wall time at which it was last seen alive by whoever asks
     * @throws DriverException the engine does not say how it ended; it is to be asked again
     */
    ExitReport settle(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException, DriverException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(NOTICE_MILLIS_MAX);
        while (true) {
            Option<ExitReport> report = backend.exits().of(container, started, sawAliveNanos);
            if (report.isDefined()) {
                return report.get();
            }
            if (System.nanoTime() - deadline >= 0) {
                return backend.exits().unnoticed(container, started, sawAliveNanos);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
