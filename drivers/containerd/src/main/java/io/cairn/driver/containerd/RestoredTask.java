package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.containerd.proto.task.Status;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.WallClock;
import io.cairn.driver.host.checkpoint.CheckpointArchive;
import io.cairn.driver.host.checkpoint.CriuRuns;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;

/**
 * The task of a container whose processes come back: it has none until it is started, and they run then. There is no moment at which they
 * wait and can be noted, so whoever finds that they may be back looks, and notes them: the one who started them, or a daemon after it.
 */
record RestoredTask(Backend backend) {
    /** What it comes back from. */
    static CheckpointArchive archive(Container container) {
        return new CheckpointArchive(container.files().restored());
    }

    /** Has its processes come back. @return which process that is; left: why they did not */
    Either<DriverException, StartRecord> letGo(Container container) throws IOException, DriverException {
        FileTrees.write(container.files().restoring(), new byte[0]);
        Option<DriverException> failure = Option.none();
        try {
            backend.tasks().start(container.id());
        } catch (DriverException e) {
            failure = Option.some(e);
        }
        // Whether they came back is not for the answer of a call to say, which may not have come.
        Option<StartRecord> found = find(container);
        DriverException reason = failure.getOrElse(() -> Failures.failed("Cannot restore container %s: containerd says that it did, "
                + "but has no process of it", container.id()));
        return found.toEither(() -> backend.criu().explain(reason, container.id(), archive(container).work().resolve("restore.log")));
    }

    /**
     * None where nobody has had them come back, or they did not.
     *
     * @throws DriverException UNAVAILABLE, too, while the shim is at it
     */
    Option<StartRecord> find(Container container) throws IOException, DriverException {
        ContainerdFiles files = container.files();
        if (Files.notExists(files.restoring())) {
            return Option.none();
        }
        CriuRuns.awaitEnd(files.restored());
        Option<Process> task = backend.tasks().state(files.id());
        if (task.exists(found -> found.getStatus() == Status.CREATED)) {
            return Option.none();
        }
        // Of a task that is gone, nobody knows what its processes have done meanwhile: they are not brought back once more.
        long pid = task.map(found -> (long) found.getPid()).getOrElse(0L);
        Option<ProcessRef> process = ProcessRef.of(pid);
        boolean runs = process.isDefined() && container.cgroups().holds(pid);
        var found = new StartRecord(backend.boot().id(), runs ? process.get() : new ProcessRef(pid, 0), WallClock.modified(files.restoring()),
                runs ? ContainerStart.shim(pid) : Option.none());
        ContainerStart.note(files, found);
        FileTrees.write(files.letGo(), new byte[0]);
        return Option.some(found);
    }
}
