package io.cairn.driver.containerd;

import io.cairn.core.driver.CheckpointBackend.Spec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.containerd.proto.task.Status;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.checkpoint.CheckpointArchive;
import io.cairn.driver.host.checkpoint.CriuRuns;
import io.cairn.driver.host.checkpoint.Dumper;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Processes are written down by the task service, whose shim calls runc, which calls CRIU. What a daemon before this one has begun goes on
 * there: the shim does one thing at a time, so that a question about the task is answered when that is done.
 *
 * @param shim of the container; none where nobody knows which
 */
record TaskDumper(Backend backend, String id, String handler, Option<ProcessRef> shim) implements Dumper {
    private static final long PAUSING_MILLIS_MAX = 10_000;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    static TaskDumper of(Backend backend, String id, String handler) throws DriverException {
        try {
            Option<ProcessRef> shim = StartRecord.read(backend.layout().container(id).started()).flatMap(StartRecord::monitor);
            return new TaskDumper(backend, id, handler, shim);
        } catch (IOException e) {
            throw Failures.io("Cannot look at container " + id, e);
        }
    }

    @Override
    public String runtime() {
        return backend.runtimes().ofOrStandard(handler).binary().map(path -> path.getFileName().toString()).getOrElse("runc");
    }

    @Override
    public void require() throws DriverException {
        backend.runtimes().of(handler).requireCheckpoints(id);
        backend.roots().requireOverlay(id);
        backend.criu().require(id, shim);
    }

    @Override
    public void halt() throws DriverException {
        backend.tasks().pause(id);
    }

    /** Past a containerd that is away, if need be: nothing stands still because of it. */
    @Override
    public void goOn() throws DriverException {
        if (status() != Status.PAUSED) {
            return;
        }
        try {
            resume();
        } catch (DriverException e) {
            if (status() == Status.PAUSED) {
                throw Failures.of(e.kind(), "Container %s was paused to be written down, and cannot be resumed: %s", id, e.getMessage());
            }
        }
    }

    private void resume() throws DriverException {
        try {
            backend.tasks().resume(id);
        } catch (DriverException e) {
            Shim.instead(e, shim, backend.containerd().namespace(), asked -> {
                asked.resume(id);
                return id;
            });
        }
    }

    /** Once no pause is under way. */
    private Status status() throws DriverException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PAUSING_MILLIS_MAX);
        for (Status status = ask(); ; status = ask()) {
            if (status != Status.PAUSING || System.nanoTime() - deadline >= 0) {
                return status;
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private Status ask() throws DriverException {
        try {
            return backend.tasks().find(id, Tasks.MAIN).map(Process::getStatus).getOrElse(Status.UNKNOWN);
        } catch (DriverException e) {
            return Shim.instead(e, shim, backend.containerd().namespace(), asked -> asked.state(id).getStatus());
        }
    }

    @Override
    public void dump(Spec spec, CheckpointArchive archive) throws IOException, DriverException {
        Option<Duration> limit = Option.when(spec.timeoutMillis() > 0, () -> Duration.ofMillis(spec.timeoutMillis()));
        try {
            backend.tasks().checkpoint(id, archive.images(), archive.work(), limit);
        } catch (DriverException e) {
            settle(archive.root());
            throw backend.criu().explain(e, id, archive.work().resolve("dump.log"));
        }
    }

    @Override
    public void settle(Path directory) throws IOException, DriverException {
        CriuRuns.awaitEnd(directory);
    }
}
