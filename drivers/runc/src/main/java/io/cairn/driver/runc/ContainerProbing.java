package io.cairn.driver.runc;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * What is true of a container, from its files and the process table.
 *
 * <pre>
 *            container.json            started.json                 process gone
 * (nothing) ──────────────▶ Created ──────────────▶ let go? ──yes──▶ Running ──▶ Exited
 *     │                        ▲                      │
 *     └─ half of it: Partial   └──────────no──────────┘
 * </pre>
 */
record ContainerProbing(Backend backend) {
    /** The process is dead and conmon is alive: its record is on the way. */
    private static final long RECORD_MILLIS_MAX = 10_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    ContainerProbe probe(String id) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(id));
        try {
            Option<Container> container = Container.read(files);
            if (container.isEmpty()) {
                return unrecorded(files);
            }
            if (container.get().started().isDefined()) {
                return ofStarted(container.get(), container.get().started().get());
            }
            return backend.roots().exists(id) ? new ContainerProbe.Created() : new ContainerProbe.Partial("its root file system is gone");
        } catch (IOException e) {
            throw Failures.io("Cannot look at container " + id, e);
        }
    }

    private ContainerProbe unrecorded(ContainerFiles files) throws IOException, DriverException {
        boolean something = Files.exists(files.state()) || Files.exists(files.bundle()) || Files.exists(files.exit())
                || backend.runtimes().standard().knows(files.id()) || backend.roots().exists(files.id());
        return something ? new ContainerProbe.Partial("container.json is missing: its creation was not finished")
                : new ContainerProbe.Absent();
    }

    private ContainerProbe ofStarted(Container container, StartRecord started) throws IOException, DriverException {
        var answer = started.toAnswer();
        var recorded = backend.exits().recorded(container);
        if (recorded.isDefined()) {
            return new ContainerProbe.Exited(answer, recorded.get());
        }
        if (!started.bootId().equals(backend.boot().id())) {
            return new ContainerProbe.Exited(answer, backend.exits().ofBoot(container, started));
        }
        OciRuntime runtime = backend.runtimes().ofOrStandard(container.record().handler());
        new Strays(runtime.root()).settle(container.files().id());
        if (started.process().isAlive()) {
            return runtime.status(container.files().id()).contains("created") ? new ContainerProbe.Created()
                    : new ContainerProbe.Running(answer);
        }
        return gone(container, started);
    }

    private ContainerProbe gone(Container container, StartRecord started) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RECORD_MILLIS_MAX);
        while (true) {
            // conmon first: it writes the record before it ends, so an absent record after an absent conmon stays absent.
            boolean comes = started.conmon().isDefined() && started.conmon().get().isAlive() && System.nanoTime() - deadline < 0;
            var recorded = backend.exits().recorded(container);
            if (recorded.isDefined()) {
                return new ContainerProbe.Exited(started.toAnswer(), recorded.get());
            }
            if (!comes) {
                return new ContainerProbe.Exited(started.toAnswer(), backend.exits().vanished(container, started, Option.none()));
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }
}
