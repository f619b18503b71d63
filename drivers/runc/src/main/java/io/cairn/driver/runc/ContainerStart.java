package io.cairn.driver.runc;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.WallClock;
import io.cairn.driver.host.checkpoint.CheckpointArchive;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Starts a container so that its program runs at most once, wherever a crash cuts in: mount, let conmon and the OCI runtime create
 * the process, which waits; note durably which process it is; let it go. One that goes on from an archive does so as soon as its processes
 * are back: whoever finds them before they were noted notes them ({@link ContainerProbing}).
 */
record ContainerStart(Backend backend) {
    StartedContainer start(String id) throws DriverException {
        return switch (new ContainerProbing(backend).probe(id)) {
            case ContainerProbe.Absent() -> throw Failures.notFound("There is no container %s to start", id);
            case ContainerProbe.Partial(String what) -> throw Failures.failed("Cannot start container %s: %s; remove it", id, what);
            case ContainerProbe.Running(StartedContainer started) -> started;
            case ContainerProbe.Exited(StartedContainer started, var _) -> started;
            case ContainerProbe.Created() -> startCreated(id);
        };
    }

    /** The process that waits to be let go, its monitor and all they hold; a program that runs or has run is left alone. */
    void abandon(String id) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(id));
        ContainerProbe probe = new ContainerProbing(backend).probe(id);
        if (probe instanceof ContainerProbe.Running || probe instanceof ContainerProbe.Exited) {
            return;
        }
        try {
            Option<Container> container = Container.read(files);
            if (container.isDefined()) {
                undo(container.get(), backend.runtimes().ofOrStandard(container.get().record().handler()));
            }
        } catch (IOException e) {
            throw Failures.io("Cannot take back the start of container " + id, e);
        }
    }

    private StartedContainer startCreated(String id) throws DriverException {
        RuncFiles files = backend.layout().container(id);
        try {
            Container container = Container.read(files).getOrElseThrow(() -> Failures.notFound("There is no container %s to start", id));
            OciRuntime runtime = backend.runtimes().of(container.record().handler());
            if (container.isRestored()) {
                backend.criu().require(id);
            }
            undo(container, runtime);
            prepare(container);
            StartRecord created;
            try {
                created = create(container, runtime);
            } catch (DriverException | IOException e) {
                undoAfter(e, container, runtime);
                throw e;
            }
            if (container.isRestored()) {
                // What comes back runs at once.
                FileTrees.write(files.letGo(), new byte[0]);
            } else {
                letGo(container, runtime);
            }
            return created.toAnswer();
        } catch (IOException e) {
            throw Failures.io("Cannot start container " + id, e);
        }
    }

    private void prepare(Container container) throws IOException, DriverException {
        RuncFiles files = container.files();
        FileTrees.directory(files.rootfs());
        FileTrees.directory(files.conmon());
        Option<Path> userNamespace = Option.some(backend.layout().userNamespace(container.record().sandboxId())).filter(Files::exists);
        backend.roots().mount(files.id(), files.rootfs(), userNamespace);
        try {
            Files.createSymbolicLink(files.bundle().resolve("config.json"), files.spec());
        } catch (FileAlreadyExistsException e) {
            // Of an earlier attempt: it points to the same.
        }
        FileTrees.write(files.attempt(), new byte[0]);
    }

    private StartRecord create(Container container, OciRuntime runtime) throws IOException, DriverException {
        ContainerRecord record = container.record();
        RuncFiles files = container.files();
        long pid = backend.conmon().create(
                new Conmon.Creation(files, runtime, record.log(), record.terminal(), record.stdin(), record.stdinOnce(),
                        Option.when(container.isRestored(), () -> new Conmon.Restoration(new CheckpointArchive(files.restored()).images(),
                                backend.criu().path()))));
        ProcessRef process = ProcessRef.of(pid).getOrElseThrow(() ->
                Failures.failed("Cannot start container %s: its process %d ended before its program was run", files.id(), pid));
        Option<ProcessRef> monitor = ProcessRef.ofPidFile(files.conmonPidFile());
        var started = new StartRecord(backend.boot().id(), process, WallClock.now(), monitor);
        FileTrees.writeDurably(files.started(), started.toJson());
        FileTrees.sync(files.state().getParent());
        return started;
    }

    /**
     * Whether the program was let go is not for the exit code of a command to say, that may have been killed after its work was done: the
     * process tells. Where even that cannot be seen, nothing is taken back.
     */
    private void letGo(Container container, OciRuntime runtime) throws IOException, DriverException {
        RuncFiles files = container.files();
        try {
            runtime.start(files.id(), files.runtimeLog());
        } catch (DriverException e) {
            ContainerProbe truth = new ContainerProbing(backend).probe(files.id());
            if (!(truth instanceof ContainerProbe.Running || truth instanceof ContainerProbe.Exited)) {
                undoAfter(e, container, runtime);
                throw e;
            }
        }
        FileTrees.write(files.letGo(), new byte[0]);
    }

    private void undoAfter(Exception cause, Container container, OciRuntime runtime) {
        try {
            undo(container, runtime);
        } catch (IOException | DriverException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Takes an attempt back: the container is as it was created. The note goes first: without it a crash from here on leaves a
     * container that has not started, with remains that the next attempt or the removal takes away.
     */
    private static void undo(Container container, OciRuntime runtime) throws IOException, DriverException {
        RuncFiles files = container.files();
        Files.deleteIfExists(files.letGo());
        FileTrees.deleteDurably(files.started());
        new ContainerEnd(runtime).end(container);
        Files.deleteIfExists(files.exit());
        Files.deleteIfExists(files.conmon().resolve("exit"));
        Files.deleteIfExists(files.conmon().resolve("oom"));
        Files.deleteIfExists(files.pidFile());
        Files.deleteIfExists(files.conmonPidFile());
        Files.deleteIfExists(files.runtimeLog());
        Files.deleteIfExists(files.attempt());
    }
}
