package io.cairn.driver.docker;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.cairn.linux.Processes;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/**
 * What is true of a container: from its files, the process table and the engine's records. The engine is not asked about one whose process is
 * on record and lives, nor about one whose end is: that stays true while the engine is away.
 *
 * <pre>
 *            container.json            the engine's StartedAt            process gone
 * (nothing) ──────────────▶ Created ───────────────────────▶ Running ──────────────▶ Exited
 *     │
 *     └─ half of it: Partial
 * </pre>
 */
record ContainerProbing(Backend backend) {
    /** That of a program which had ended before anybody could look. */
    private static final ProcessRef UNSEEN = new ProcessRef(0, 0);
    private static final String EARLIER_BOOT = "(an earlier one)";

    ContainerProbe probe(String id) throws DriverException {
        DockerFiles files = backend.layout().container(Requests.id(id));
        try {
            Option<Container> container = Container.read(files);
            if (container.isEmpty()) {
                return unrecorded(files);
            }
            return container.get().started().isDefined() ? ofStarted(container.get(), container.get().started().get()) : asEngineSays(container.get());
        } catch (IOException e) {
            throw Failures.io("Cannot look at container " + id, e);
        }
    }

    private ContainerProbe unrecorded(DockerFiles files) throws DriverException {
        boolean something = Files.exists(files.state()) || Files.exists(files.run()) || backend.owned().find(files.id()).isDefined();
        return something ? new ContainerProbe.Partial("container.json is missing: its creation was not finished") : new ContainerProbe.Absent();
    }

    private ContainerProbe ofStarted(Container container, StartRecord started) throws IOException, DriverException {
        boolean isAlive = started.bootId().equals(backend.boot().id()) && started.process().isAlive();
        return isAlive ? new ContainerProbe.Running(started.toAnswer())
                : new ContainerProbe.Exited(started.toAnswer(), new Endings(backend).settle(container, started, Option.none()));
    }

    private ContainerProbe asEngineSays(Container container) throws IOException, DriverException {
        Option<EngineState> state = backend.owned().find(container.id());
        if (state.isEmpty()) {
            return new ContainerProbe.Partial("docker has no container of it any more");
        }
        if (state.get().hasStarted()) {
            StartRecord started = note(container, state.get());
            return ofStarted(new Container(container.files(), container.record(), Option.some(started)), started);
        }
        Option<String> doubt = new LostStart(backend).doubt(container, state.get());
        return doubt.isDefined() ? new ContainerProbe.Partial(doubt.get()) : new ContainerProbe.Created();
    }

    /** After the engine has said that it was started. */
    StartedContainer started(Container container) throws IOException, DriverException {
        Option<EngineState> state = backend.owned().find(container.id()).filter(EngineState::hasStarted);
        if (state.isEmpty()) {
            throw Failures.failed("Docker at %s has started container %s, and does not know of it any more", backend.engine().socket(), container.id());
        }
        return note(container, state.get()).toAnswer();
    }

    /** Durably: from now on its process tells whether it runs, and nobody need be asked. */
    private StartRecord note(Container container, EngineState state) throws IOException {
        Option<ProcessRef> process = state.process();
        boolean before = state.startedNanos().exists(nanos -> nanos < backend.boot().timeNanos());
        var started = new StartRecord(before ? EARLIER_BOOT : backend.boot().id(), process.getOrElse(UNSEEN), startedAt(container, state),
                process.isDefined() ? shim(process.get().pid()) : Option.none());
        FileTrees.writeDurably(container.files().started(), started.toJson());
        FileTrees.sync(container.files().state().getParent());
        return started;
    }

    /** When it was tried: the engine looks at its clock only when the program runs already. */
    private static long startedAt(Container container, EngineState state) throws IOException {
        long engines = state.startedNanos().getOrElse(0L);
        long tried = FileTrees.readObject(container.files().attempt()).map(o -> o.path("at_nanos").asLong()).getOrElse(engines);
        return engines == 0 ? tried : Math.min(tried, engines);
    }

    /** The shim is the parent of what it has had created: runc has left by then. */
    private static Option<ProcessRef> shim(long pid) throws IOException {
        Option<Processes.Stat> stat = Option.ofOptional(Processes.stat(pid));
        return stat.isEmpty() || stat.get().parent() <= 1 ? Option.none() : ProcessRef.of(stat.get().parent());
    }
}
