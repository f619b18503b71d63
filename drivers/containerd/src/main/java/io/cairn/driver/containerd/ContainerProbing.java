package io.cairn.driver.containerd;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.containerd.proto.task.Status;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/**
 * What is true of a container: from its files, the process table and the task service. containerd is not asked about one whose start was
 * carried to its end and whose process lives: that stays true while containerd is away.
 *
 * <pre>
 *            container.json            started.json                 process gone
 * (nothing) ──────────────▶ Created ──────────────▶ let go? ──yes──▶ Running ──▶ Exited
 *     │                        ▲                      │
 *     └─ half of it: Partial   └──────────no──────────┘
 * </pre>
 *
 * <p>One whose processes may be back from an archive is noted as started by this look ({@link RestoredTask}).
 */
record ContainerProbing(Backend backend) {
    /** A task whose shim was killed goes with its process as soon as containerd notices. */
    private static final long ORPHAN_MILLIS_MAX = 10_000;

    ContainerProbe probe(String id) throws DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(id));
        try {
            Option<Container> container = Container.read(files);
            if (container.isEmpty()) {
                return unrecorded(files);
            }
            Option<StartRecord> started = container.get().started();
            if (started.isEmpty()) {
                started = new RestoredTask(backend).find(container.get());
            }
            if (started.isDefined()) {
                return ofStarted(container.get(), started.get());
            }
            if (!backend.roots().exists(id)) {
                return new ContainerProbe.Partial("its root file system is gone");
            }
            return backend.records().exists(id) ? new ContainerProbe.Created() : new ContainerProbe.Partial("containerd's record of it is gone");
        } catch (IOException e) {
            throw Failures.io("Cannot look at container " + id, e);
        }
    }

    private ContainerProbe unrecorded(ContainerdFiles files) throws DriverException {
        boolean something = Files.exists(files.state()) || Files.exists(files.run()) || Files.exists(backend.layout().volumes(files.id()))
                || backend.records().exists(files.id()) || backend.roots().exists(files.id());
        return something ? new ContainerProbe.Partial("container.json is missing: its creation was not finished") : new ContainerProbe.Absent();
    }

    private ContainerProbe ofStarted(Container container, StartRecord started) throws IOException, DriverException {
        var answer = started.toAnswer();
        boolean isAlive = started.bootId().equals(backend.boot().id()) && started.process().isAlive();
        if (!isAlive) {
            return exited(container, started);
        }
        if (Files.exists(container.files().letGo())) {
            return new ContainerProbe.Running(answer);
        }
        Option<Process> task = backend.tasks().state(container.id());
        if (task.isEmpty()) {
            return started.process().awaitEnd(ORPHAN_MILLIS_MAX) ? exited(container, started)
                    : new ContainerProbe.Partial("process %d lives, but containerd has no task of it".formatted(started.process().pid()));
        }
        return task.get().getStatus() == Status.CREATED ? new ContainerProbe.Created() : new ContainerProbe.Running(answer);
    }

    private ContainerProbe exited(Container container, StartRecord started) throws IOException, DriverException {
        ExitReport report = new Endings(backend).settle(container, started, Option.none());
        return new ContainerProbe.Exited(started.toAnswer(), report);
    }
}
