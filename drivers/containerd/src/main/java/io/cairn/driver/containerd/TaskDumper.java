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
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Processes are written down by the task service, whose shim calls runc, which calls CRIU. What a daemon before this one has begun goes on
 * there: the shim does one thing at a time, and is asked until that is done.
 *
 * @param shim of the container; none where nobody knows which
 */
record TaskDumper(Backend backend, String id, String handler, Option<ProcessRef> shim) implements Dumper {
    private static final long BUSY_MILLIS_MAX = 30_000;
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long ASK_AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    static TaskDumper of(Backend backend, String id, String handler) throws DriverException {
        try {
            Option<ProcessRef> shim = StartRecord.read(backend.layout().container(id).started())
                    .filter(started -> started.bootId().equals(backend.boot().id())).flatMap(StartRecord::monitor);
            return new TaskDumper(backend, id, handler, shim.isDefined() && shim.get().isAlive() ? shim : Option.none());
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
        if (!isPaused()) {
            return;
        }
        try {
            resume();
        } catch (DriverException e) {
            if (isPaused()) {
                throw Failures.of(e.kind(), "Container %s was paused to be written down, and cannot be resumed: %s; it stands still until "
                        + "ctr tasks resume, or its removal", id, e.getMessage());
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

    /** Once nothing is under way about its task. */
    private boolean isPaused() throws DriverException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(BUSY_MILLIS_MAX);
        while (true) {
            boolean over = System.nanoTime() - deadline >= 0;
            try {
                Option<Status> status = status();
                if (!status.contains(Status.PAUSING)) {
                    return status.contains(Status.PAUSED);
                }
                if (over) {
                    throw Failures.failed("Container %s has been about to stand still for %d ms", id, BUSY_MILLIS_MAX);
                }
                LockSupport.parkNanos(POLL_NANOS);
            } catch (DriverException e) {
                if (over || e.kind() != Failure.Kind.UNAVAILABLE) {
                    throw e;
                }
                LockSupport.parkNanos(ASK_AGAIN_NANOS);
            }
        }
    }

    /** None where there is no task any more. */
    private Option<Status> status() throws DriverException {
        try {
            return backend.tasks().state(id).map(Process::getStatus);
        } catch (DriverException e) {
            return Option.some(Shim.instead(e, shim, backend.containerd().namespace(), asked -> asked.state(id).getStatus()));
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
