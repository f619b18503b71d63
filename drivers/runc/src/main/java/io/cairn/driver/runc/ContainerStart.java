package io.cairn.driver.runc;

import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.StartedContainer;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;

/**
 * Starts a container so that its program runs at most once, wherever a crash cuts in: mount, let conmon and the OCI runtime create
 * the process, which waits; note durably which process it is; let it go.
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

    private StartedContainer startCreated(String id) throws DriverException {
        ContainerFiles files = backend.layout().container(id);
        try {
            Container container = Container.read(files).getOrElseThrow(() -> Failures.notFound("There is no container %s to start", id));
            OciRuntime runtime = backend.runtimes().of(container.record().handler());
            undo(container, runtime);
            prepare(files);
            try {
                return create(container, runtime);
            } catch (DriverException | IOException e) {
                undoAfter(e, container, runtime);
                throw e;
            }
        } catch (IOException e) {
            throw Failures.io("Cannot start container " + id, e);
        }
    }

    private void prepare(ContainerFiles files) throws IOException, DriverException {
        FileTrees.directory(files.rootfs());
        FileTrees.directory(files.conmon());
        backend.roots().mount(files.id(), files.rootfs());
        try {
            Files.createSymbolicLink(files.bundle().resolve("config.json"), files.spec());
        } catch (FileAlreadyExistsException e) {
            // Of an earlier attempt: it points to the same.
        }
        FileTrees.write(files.attempt(), new byte[0]);
    }

    private StartedContainer create(Container container, OciRuntime runtime) throws IOException, DriverException {
        ContainerRecord record = container.record();
        ContainerFiles files = container.files();
        long pid = backend.conmon().create(
                new Conmon.Creation(files, runtime, record.log(), record.terminal(), record.stdin(), record.stdinOnce()));
        ProcessRef process = ProcessRef.of(pid).getOrElseThrow(() ->
                Failures.failed("Cannot start container %s: its process %d ended before its program was run", files.id(), pid));
        Option<ProcessRef> monitor = ProcessRef.ofPidFile(files.conmonPidFile());
        var started = new StartRecord(backend.boot().id(), process, WallClock.now(), monitor);
        FileTrees.writeDurably(files.started(), started.toJson());
        FileTrees.sync(files.state().getParent());
        runtime.start(files.id(), files.runtimeLog());
        return started.toAnswer();
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
        ContainerFiles files = container.files();
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
