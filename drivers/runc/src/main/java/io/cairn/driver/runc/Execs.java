package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.driver.host.ConnectedExec;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.ProcessFamily;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StoredSpec;
import io.cairn.linux.Processes;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Runs commands in running containers. The OCI runtime makes the command's process the leader of a session, by which it is found
 * with everything it started.
 */
record Execs(Backend backend) {
    private static final long PID_FILE_MILLIS_MAX = 2_000;
    private static final long DEATH_MILLIS_MAX = 5_000;
    private static final long FOREVER_MILLIS = TimeUnit.DAYS.toMillis(3650);

    Conmon.Execution job(RuncFiles files, String execId, Option<Container> container) throws DriverException {
        OciRuntime runtime = backend.runtimes().ofOrStandard(container.map(c -> c.record().handler()).getOrElse(""));
        return new Conmon.Execution(files.execs().resolve(Requests.id(execId)), files.id(), execId, runtime);
    }

    ExecResult exec(ExecSpec spec) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(spec.containerId()));
        try {
            Container container = running(files, "run a command in");
            Conmon.Execution job = job(files, spec.id(), Option.some(container));
            FileTrees.directory(job.directory());
            FileTrees.write(job.process(), StoredSpec.process(files, spec, false));
            try {
                return run(spec, container, job);
            } finally {
                FileTrees.delete(job.directory());
            }
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    static Container running(RuncFiles files, String what) throws IOException, DriverException {
        Option<Container> container = Container.read(files);
        if (container.isEmpty()) {
            throw Failures.notFound("There is no container %s to %s", files.id(), what);
        }
        if (container.get().started().isEmpty() || !container.get().started().get().process().isAlive()) {
            throw Failures.failed("Cannot %s container %s: it does not run", what, files.id());
        }
        return container.get();
    }

    private ExecResult run(ExecSpec spec, Container container, Conmon.Execution job) throws IOException, DriverException {
        var limit = Duration.ofMillis(spec.timeoutMillis() == 0 ? FOREVER_MILLIS : spec.timeoutMillis());
        try {
            Conmon.Executed executed = backend.conmon().execute(job, limit, ExecResult.OUTPUT_BYTES_MAX);
            if (executed.exitCode().isEmpty()) {
                end(container, job);
                throw Failures.of(Failure.Kind.TIMED_OUT, "command %s in container %s timed out after %d ms",
                        ConnectedExec.shown(spec), spec.containerId(), spec.timeoutMillis());
            }
            if (!executed.failure().isEmpty()) {
                throw Failures.failed("Cannot run command %s in container %s: %s", ConnectedExec.shown(spec), spec.containerId(), executed.failure());
            }
            return new ExecResult(executed.exitCode().get(), executed.output().stdout().bytes(), executed.output().stderr().bytes());
        } catch (InterruptedException e) {
            end(container, job);
            Thread.currentThread().interrupt();
            throw Failures.of(Failure.Kind.UNAVAILABLE, "command %s in container %s was interrupted and killed", ConnectedExec.shown(spec),
                    spec.containerId());
        }
    }

    void abandon(String containerId, String execId) throws DriverException {
        RuncFiles files = backend.layout().container(Requests.id(containerId));
        try {
            Option<Container> container = Container.read(files);
            Conmon.Execution job = job(files, execId, container);
            if (Files.exists(job.directory()) && container.isDefined()) {
                end(container.get(), job);
            }
            FileTrees.delete(job.directory());
        } catch (IOException e) {
            throw Failures.io("Cannot end command %s in container %s".formatted(execId, containerId), e);
        }
    }

    /**
     * Kills the command with everything it started, as far as that is of its session or descends from it; its monitor ends with it,
     * or is killed.
     */
    void end(Container container, Conmon.Execution job) throws IOException, DriverException {
        List<ProcessRef> helpers = Strays.withArgument(job.pidFile().toString());
        Option<Long> pid = awaitPid(job, helpers);
        if (pid.isDefined()) {
            ProcessFamily.kill(pid.get(), container.cgroups());
        }
        for (ProcessRef process : helpers) {
            if (!process.awaitEnd(pid.isDefined() ? DEATH_MILLIS_MAX : 0)) {
                process.signal(Processes.SIGKILL);
                process.awaitEnd(DEATH_MILLIS_MAX);
            }
        }
    }

    /** The runtime may be about to run the program: killed before it has written whom it runs, it would leave somebody unknown. */
    private static Option<Long> awaitPid(Conmon.Execution job, List<ProcessRef> helpers) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PID_FILE_MILLIS_MAX);
        for (ProcessRef process : helpers) {
            while (Files.notExists(job.pidFile()) && System.nanoTime() - deadline < 0 && !process.awaitEnd(5)) {
                // awaitEnd is the pause.
            }
        }
        return ProcessRef.pidIn(job.pidFile());
    }
}
