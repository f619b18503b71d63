package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxGround;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.host.Cgroups;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.PodFilesWriter;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.SandboxRecord;
import io.cairn.driver.host.Sandboxes;
import io.cairn.network.NamespaceRequest;
import io.cairn.network.NetworkException;
import io.cairn.network.PodNamespaces;
import io.cairn.oci.PodFiles;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The ground of pods: a container that only waits holds their namespaces, since the engine lets containers join those of another container
 * and none by path. The network namespace is pinned beside, so that it can be left in order when that container is dead. Thread-safe for
 * different pods.
 */
record Pods(Backend backend, PodNamespaces pins) {
    /** In pause.json, beside the process. */
    private static final String CGROUP = "cgroups_path";
    private static final long DEATH_MILLIS_MAX = 10_000;

    /** @see io.cairn.core.driver.Driver#prepareSandbox */
    SandboxGround prepare(SandboxSpec spec) throws DriverException {
        Requests.id(spec.id());
        var record = SandboxRecord.of(spec);
        checkSysctls(spec, record);
        try {
            PauseContainer pause = PauseContainer.of(backend, spec);
            Sandboxes.makeLogDirectory(spec.config());
            Path state = FileTrees.directory(backend.layout().sandbox(spec.id()));
            // Not synced: no pod outlives a loss of power.
            FileTrees.write(state.resolve("sandbox.json"), record.toJson());
            new PodFilesWriter(backend.node().facts().hostname()).write(spec.config(), state);
            hold(record, pause);
            return ground(record);
        } catch (IOException e) {
            throw Failures.io("Cannot prepare pod sandbox " + spec.id(), e);
        }
    }

    /** The engine hears of them only when the pod's container is started, and its OCI runtime finds out. */
    private static void checkSysctls(SandboxSpec spec, SandboxRecord record) throws DriverException {
        try {
            PodNamespaces.checkSysctls(new NamespaceRequest(record.net(), record.ipc(), record.net(), Option.none(),
                    HashMap.ofAll(spec.config().getLinux().getSysctlsMap())));
        } catch (NetworkException e) {
            throw failure("Cannot prepare pod sandbox " + spec.id(), e);
        }
    }

    private void hold(SandboxRecord record, PauseContainer pause) throws IOException, DriverException {
        if (process(record.id()).isDefined() && isPinned(record)) {
            return;
        }
        ProcessRef process = run(record.id(), pause);
        if (record.net()) {
            pin(record.id(), process);
        }
        if (!process.isAlive()) {
            throw Failures.failed("Cannot prepare pod sandbox %s: process %d, which was to hold its namespaces, has ended: docker inspect %s",
                    record.id(), process.pid(), record.id());
        }
    }

    /** One that has ended is of no use any more: its namespaces are gone. */
    private ProcessRef run(String id, PauseContainer pause) throws IOException, DriverException {
        Option<EngineState> found = backend.owned().find(id);
        if (found.isDefined() && !found.get().running() && found.get().hasStarted()) {
            unpin(id);
            backend.owned().remove(id);
            found = Option.none();
        }
        if (found.isEmpty()) {
            backend.owned().create(pause.request());
        }
        backend.engine().startContainer(id);
        for (EngineState state : backend.owned().find(id)) {
            for (ProcessRef process : state.process()) {
                FileTrees.directory(backend.layout().sandboxRun(id));
                FileTrees.write(backend.layout().pause(id), process.toJson().put(CGROUP,
                        EngineCgroups.path(pause.cgroupParent(), state.id(), backend.facts().cgroups())));
                return process;
            }
        }
        throw Failures.failed("Cannot prepare pod sandbox %s: the container that was to hold its namespaces has ended: docker inspect %s", id, id);
    }

    private void pin(String id, ProcessRef process) throws DriverException {
        try {
            pins.pinNetwork(namespaces(id), Path.of("/proc", Long.toString(process.pid()), "ns", "net"));
        } catch (NetworkException e) {
            throw failure("Cannot prepare pod sandbox " + id, e);
        }
    }

    private void unpin(String id) throws DriverException {
        try {
            pins.unpin(namespaces(id));
        } catch (NetworkException e) {
            throw failure("Cannot release pod sandbox " + id, e);
        }
    }

    private static DriverException failure(String tried, NetworkException e) {
        boolean invalid = e.kind() == NetworkException.Kind.INVALID_REQUEST;
        return new DriverException(invalid ? Failure.Kind.INVALID : Failure.Kind.FAILED, tried + ": " + e.getMessage(), e);
    }

    private Path namespaces(String id) {
        return backend.layout().namespaces().resolve(id);
    }

    private SandboxGround ground(SandboxRecord record) {
        return new SandboxGround(Option.when(record.net(), namespaces(record.id()).resolve("net")));
    }

    private boolean isPinned(SandboxRecord record) throws DriverException {
        try {
            return !record.net() || pins.isPinned(namespaces(record.id()).resolve("net"));
        } catch (NetworkException e) {
            throw failure("Cannot look at pod sandbox " + record.id(), e);
        }
    }

    /** The one that holds the pod's namespaces, while it lives. The file is gone after a reboot. */
    Option<ProcessRef> process(String id) throws IOException {
        Option<ProcessRef> process = FileTrees.readObject(backend.layout().pause(id)).flatMap(ProcessRef::read);
        return process.isDefined() && process.get().isAlive() ? process : Option.none();
    }

    /**
     * The engine is asked only about what is not on record: what is whole stays so while the engine is away.
     *
     * @see io.cairn.core.driver.Driver#probeSandbox
     */
    SandboxProbe probe(String id) throws DriverException {
        DockerLayout layout = backend.layout();
        Requests.id(id);
        try {
            Option<SandboxRecord> record = SandboxRecord.read(layout.sandbox(id).resolve("sandbox.json"));
            if (record.isEmpty()) {
                boolean something = Files.exists(layout.sandbox(id)) || Files.exists(layout.sandboxRun(id)) || Files.exists(namespaces(id))
                        || backend.owned().find(id).isDefined();
                return something ? new SandboxProbe.Partial("sandbox.json is missing") : new SandboxProbe.Absent();
            }
            Option<String> missing = missing(record.get());
            return missing.isDefined() ? new SandboxProbe.Partial(missing.get()) : new SandboxProbe.Whole(ground(record.get()));
        } catch (IOException e) {
            throw Failures.io("Cannot look at pod sandbox " + id, e);
        }
    }

    private Option<String> missing(SandboxRecord record) throws IOException, DriverException {
        if (!isPinned(record)) {
            return Option.some("its network namespace is gone");
        }
        if (process(record.id()).isEmpty()) {
            return Option.some("the container that holds its namespaces does not run");
        }
        return Files.exists(backend.layout().sandbox(record.id()).resolve("hosts")) ? Option.none() : Option.some("its files are missing");
    }

    /** Of a pod that can take containers. @return the process that holds its namespaces */
    ProcessRef require(SandboxSpec spec) throws DriverException {
        SandboxProbe probe = probe(spec.id());
        if (!(probe instanceof SandboxProbe.Whole)) {
            throw Failures.failed("Pod sandbox %s cannot take containers: %s", spec.id(), probe);
        }
        try {
            return process(spec.id()).getOrElseThrow(() -> Failures.failed("Pod sandbox %s cannot take containers: its namespaces are gone", spec.id()));
        } catch (IOException e) {
            throw Failures.io("Cannot look at pod sandbox " + spec.id(), e);
        }
    }

    /** What containers of the pod are given to see. */
    PodFiles files(String id) {
        Path state = backend.layout().sandbox(id);
        return new PodFiles(Option.some(state.resolve("resolv.conf")), Option.some(state.resolve("hostname")), Option.some(state.resolve("hosts")),
                Option.none());
    }

    /** @see io.cairn.core.driver.Driver#releaseSandbox */
    void release(String id) throws DriverException {
        Requests.id(id);
        try {
            backend.owned().remove(id);
            removeCgroup(id);
            unpin(id);
            FileTrees.delete(backend.layout().sandboxRun(id));
        } catch (IOException e) {
            throw Failures.io("Cannot release pod sandbox " + id, e);
        }
    }

    /** What an engine leaves that has not seen the end. */
    private void removeCgroup(String id) throws IOException {
        Option<String> path = FileTrees.readObject(backend.layout().pause(id)).map(o -> o.path(CGROUP).asText()).filter(p -> !p.isEmpty());
        if (path.isDefined()) {
            Cgroups cgroups = EngineCgroups.of(path.get());
            cgroups.killAll(DEATH_MILLIS_MAX);
            cgroups.remove();
        }
    }

    /** @see io.cairn.core.driver.Driver#removeSandbox */
    void remove(String id) throws DriverException {
        release(id);
        try {
            FileTrees.delete(backend.layout().sandbox(id));
        } catch (IOException e) {
            throw Failures.io("Cannot remove pod sandbox " + id, e);
        }
    }
}
