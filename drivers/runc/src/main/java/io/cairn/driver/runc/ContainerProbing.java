package io.cairn.driver.runc;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.WallClock;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is true of a container, from its files and the process table. The OCI runtime is asked only about a start of which nobody has
 * noted that it was carried to its end: hundreds of containers are looked at before a daemon serves.
 *
 * <pre>
 *            container.json            started.json                 process gone
 * (nothing) ──────────────▶ Created ──────────────▶ let go? ──yes──▶ Running ──▶ Exited
 *     │                        ▲                      │
 *     └─ half of it: Partial   └──────────no──────────┘
 * </pre>
 */
record ContainerProbing(Backend backend) {
    private static final Logger LOG = LoggerFactory.getLogger(ContainerProbing.class);
    /** The process is dead and conmon is alive: its record is on the way. */
    private static final long RECORD_MILLIS_MAX = 10_000;
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(5);

    ContainerProbe probe(String id) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(id));
        try {
            Option<Container> container = Container.read(files);
            if (container.isEmpty()) {
                return unrecorded(files);
            }
            Option<StartRecord> started = container.get().started().orElse(restored(container.get()));
            if (started.isDefined()) {
                return ofStarted(container.get(), started.get());
            }
            return backend.roots().exists(id) ? new ContainerProbe.Created() : new ContainerProbe.Partial("its root file system is gone");
        } catch (IOException e) {
            throw Failures.io("Cannot look at container " + id, e);
        }
    }

    /** Processes that come back run at once: those that a daemon did not live to note are found by their pid file, and noted now. */
    private Option<StartRecord> restored(Container container) throws IOException, DriverException {
        RuncFiles files = container.files();
        if (!container.isRestored() || !Files.exists(files.attempt())) {
            return Option.none();
        }
        new Strays(backend.runtimes().ofOrStandard(container.record().handler()).root()).settle(files.id());
        Option<Long> pid = ProcessRef.pidIn(files.pidFile());
        Option<ProcessRef> process = ProcessRef.ofPidFile(files.pidFile());
        boolean runs = process.isDefined() && container.cgroups().holds(process.get().pid());
        if (pid.isEmpty() || !runs && backend.exits().recorded(container).isEmpty()) {
            return Option.none();
        }
        var found = new StartRecord(backend.boot().id(), runs ? process.get() : new ProcessRef(pid.get(), 0),
                WallClock.modified(files.attempt()), ProcessRef.ofPidFile(files.conmonPidFile()));
        FileTrees.writeDurably(files.started(), found.toJson());
        FileTrees.write(files.letGo(), new byte[0]);
        return Option.some(found);
    }

    private ContainerProbe unrecorded(RuncFiles files) throws IOException, DriverException {
        boolean something = Files.exists(files.state()) || Files.exists(files.bundle()) || Files.exists(files.exit())
                || Files.exists(backend.layout().volumes(files.id()))
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
        if (Files.exists(container.files().letGo()) && started.process().isAlive()) {
            return new ContainerProbe.Running(answer);
        }
        OciRuntime runtime = backend.runtimes().ofOrStandard(container.record().handler());
        new Strays(runtime.root()).settle(container.files().id());
        if (started.process().isAlive()) {
            Option<String> status = runtime.status(container.files().id());
            if (status.contains("created")) {
                return new ContainerProbe.Created();
            }
            if (status.contains("running")) {
                note(container);
            }
            return new ContainerProbe.Running(answer);
        }
        return gone(container, started);
    }

    /** Now, as the daemon that let it go did not live to: no later look has to ask. Where it cannot be written, the next one does. */
    private static void note(Container letGo) {
        try {
            FileTrees.write(letGo.files().letGo(), new byte[0]);
        } catch (IOException e) {
            LOG.warn("Cannot note that container {} was let go: {}", letGo.files().id(), e.toString());
        }
    }

    private ContainerProbe gone(Container container, StartRecord started) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(RECORD_MILLIS_MAX);
        while (true) {
            // conmon first: it writes the record before it ends, so an absent record after an absent conmon stays absent.
            boolean comes = started.monitor().isDefined() && started.monitor().get().isAlive() && System.nanoTime() - deadline < 0;
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
