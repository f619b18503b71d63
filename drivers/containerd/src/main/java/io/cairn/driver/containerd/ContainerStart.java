package io.cairn.driver.containerd;

import com.google.protobuf.Any;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.containerd.io.Output;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.WallClock;
import io.cairn.driver.host.checkpoint.CheckpointArchive;
import io.cairn.linux.Processes;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Starts a container so that its program runs at most once, wherever a crash cuts in: mount, have containerd create the task, whose
 * process waits; note durably which process it is; let it go. One that goes on from an archive runs as soon as its processes are back
 * ({@link RestoredTask}).
 */
record ContainerStart(Backend backend) {
    StartedContainer start(String id) throws DriverException {
        Option<Container> container = read(id);
        if (container.exists(known -> known.started().isEmpty() && Files.notExists(known.files().restoring()))) {
            // Nobody has tried yet, its files say. What else is amiss with it, the calls for its start come upon.
            return startCreated(container.get());
        }
        return switch (new ContainerProbing(backend).probe(id)) {
            case ContainerProbe.Absent() -> throw Failures.notFound("There is no container %s to start", id);
            case ContainerProbe.Partial(String what) -> throw Failures.failed("Cannot start container %s: %s; remove it", id, what);
            case ContainerProbe.Running(StartedContainer started) -> started;
            case ContainerProbe.Exited(StartedContainer started, var _) -> started;
            case ContainerProbe.Created() -> startCreated(
                    container.getOrElseThrow(() -> Failures.notFound("There is no container %s to start", id)));
        };
    }

    private Option<Container> read(String id) throws DriverException {
        try {
            return Container.read(backend.layout().container(Requests.id(id)));
        } catch (IOException e) {
            throw Failures.io("Cannot start container " + id, e);
        }
    }

    /** The process that waits to be let go, its shim and all they hold; a program that runs or has run is left alone. */
    void abandon(String id) throws DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(id));
        ContainerProbe probe = new ContainerProbing(backend).probe(id);
        if (probe instanceof ContainerProbe.Running || probe instanceof ContainerProbe.Exited) {
            return;
        }
        try {
            Option<Container> container = Container.read(files);
            if (container.isDefined()) {
                undo(container.get());
            }
        } catch (IOException e) {
            throw Failures.io("Cannot take back the start of container " + id, e);
        }
    }

    private StartedContainer startCreated(Container container) throws DriverException {
        try {
            backend.runtimes().of(container.record().handler());
            if (Files.exists(container.files().attempt())) {
                undo(container);
            }
            if (container.isRestored()) {
                return restore(container).toAnswer();
            }
            StartRecord created;
            try {
                created = create(container);
            } catch (DriverException | IOException e) {
                undoAfter(e, container);
                throw e;
            }
            letGo(container);
            return created.toAnswer();
        } catch (IOException e) {
            throw Failures.io("Cannot start container " + container.id(), e);
        }
    }

    private StartRecord create(Container container) throws IOException, DriverException {
        ContainerdFiles files = container.files();
        Output output = prepare(container);
        long pid = backend.tasks().create(files.id(), output.paths(), container.record().terminal());
        output.awaitReady();
        ProcessRef process = ProcessRef.of(pid).getOrElseThrow(() ->
                Failures.failed("Cannot start container %s: its process %d ended before its program was run", files.id(), pid));
        var started = new StartRecord(backend.boot().id(), process, WallClock.now(), shim(pid));
        note(files, started);
        return started;
    }

    /** What its task needs. @return where its output goes */
    private Output prepare(Container container) throws IOException, DriverException {
        ContainerdFiles files = container.files();
        FileTrees.directory(files.rootfs());
        Option<Path> userNamespace = Option.some(backend.layout().userNamespace(container.record().sandboxId())).filter(Files::exists);
        backend.roots().mount(files.id(), files.rootfs(), userNamespace);
        FileTrees.write(files.attempt(), new byte[0]);
        return backend.outputs().open(container.output(), new ShimTask(backend.tasks(), files.id(), Tasks.MAIN));
    }

    static void note(ContainerdFiles files, StartRecord started) throws IOException {
        FileTrees.writeDurably(files.started(), started.toJson());
        FileTrees.sync(files.state().getParent());
    }

    /** One whose processes come back from an archive. */
    private StartRecord restore(Container container) throws IOException, DriverException {
        backend.criu().require(container.id(), Option.none());
        CheckpointArchive archive = RestoredTask.archive(container);
        try {
            // What CRIU logged of an earlier attempt is no reason for this one.
            FileTrees.delete(archive.work());
            FileTrees.directory(archive.work());
            Any options = backend.runtimes().of(container.record().handler()).restoring(archive.images(), archive.work());
            Output output = prepare(container);
            backend.tasks().createRestored(container.id(), output.paths(), container.record().terminal(), options);
            output.awaitReady();
        } catch (DriverException | IOException e) {
            undoAfter(e, container);
            throw e;
        }
        Either<DriverException, StartRecord> restored = new RestoredTask(backend).letGo(container);
        restored.swap().forEach(cause -> undoAfter(cause, container));
        return restored.getOrElseThrow(cause -> cause);
    }

    /** The shim is the parent of what it has had created: runc has left by then. */
    static Option<ProcessRef> shim(long pid) throws IOException {
        Option<Processes.Stat> stat = Option.ofOptional(Processes.stat(pid));
        return stat.isEmpty() || stat.get().parent() <= 1 ? Option.none() : ProcessRef.of(stat.get().parent());
    }

    /**
     * Whether the program was let go is not for the answer of a call to say, which may not have come: the task and the process tell. Where
     * even that cannot be seen, nothing is taken back.
     */
    private void letGo(Container container) throws IOException, DriverException {
        ContainerdFiles files = container.files();
        try {
            backend.tasks().start(files.id());
        } catch (DriverException e) {
            ContainerProbe truth = new ContainerProbing(backend).probe(files.id());
            if (!(truth instanceof ContainerProbe.Running || truth instanceof ContainerProbe.Exited)) {
                undoAfter(e, container);
                throw e;
            }
        }
        FileTrees.write(files.letGo(), new byte[0]);
    }

    private void undoAfter(Exception cause, Container container) {
        try {
            undo(container);
        } catch (IOException | DriverException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Takes an attempt back: the container is as it was created. The note goes first: without it a crash from here on leaves a
     * container that has not started, with remains that the next attempt or the removal takes away.
     */
    private void undo(Container container) throws IOException, DriverException {
        ContainerdFiles files = container.files();
        Files.deleteIfExists(files.letGo());
        Files.deleteIfExists(files.restoring());
        FileTrees.deleteDurably(files.started());
        new ContainerEnd(backend).end(Container.read(files).getOrElse(container));
        backend.outputs().remove(files.id(), files.output());
        Files.deleteIfExists(files.settled());
        Files.deleteIfExists(files.ended());
        Files.deleteIfExists(files.oom());
        Files.deleteIfExists(files.attempt());
    }
}
