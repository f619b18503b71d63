package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.driver.containerd.io.ExecStreams;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.host.ConnectedExec;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.ProcessFamily;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StoredSpec;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Runs commands in running containers: each is a process of the container's task. */
record Execs(Backend backend) {
    private static final Stdio OUTPUT = new Stdio(false, true, true, false);
    private static final Duration DEATH_MAX = Duration.ofSeconds(10);

    ExecResult exec(ExecSpec spec) throws DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(spec.containerId()));
        try {
            RunningExec running = start(files, spec, OUTPUT);
            try (Session session = running.session()) {
                return new ConnectedExec(spec, session, running::await).run();
            }
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    static Container running(ContainerdFiles files, String what) throws IOException, DriverException {
        Option<Container> container = Container.read(files);
        if (container.isEmpty()) {
            throw Failures.notFound("There is no container %s to %s", files.id(), what);
        }
        if (container.get().started().isEmpty() || !container.get().started().get().process().isAlive()) {
            throw Failures.failed("Cannot %s container %s: it does not run", what, files.id());
        }
        return container.get();
    }

    /** A command that runs, connected; to be closed. */
    Session open(ExecSpec spec, Stdio stdio) throws DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(spec.containerId()));
        try {
            return start(files, spec, stdio).session();
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    private RunningExec start(ContainerdFiles files, ExecSpec spec, Stdio stdio) throws IOException, DriverException {
        Container container = running(files, "run a command in");
        byte[] process = StoredSpec.process(files, spec, stdio.tty());
        ExecStreams streams = ExecStreams.open(backend.poller(), directory(files, spec.id()), stdio);
        try {
            backend.tasks().addExec(files.id(), spec.id(), streams.paths(), stdio.tty(), process);
            long pid = backend.tasks().startExec(files.id(), spec.id());
            return new RunningExec(backend, container, spec.id(), pid, streams);
        } catch (DriverException e) {
            abandonAfter(e, files.id(), spec.id());
            streams.close();
            throw Failures.of(e.kind(), "Cannot run command %s in container %s: %s", ConnectedExec.shown(spec), spec.containerId(), e.getMessage());
        }
    }

    private void abandonAfter(DriverException cause, String containerId, String execId) {
        try {
            abandon(containerId, execId);
        } catch (DriverException e) {
            cause.addSuppressed(e);
        }
    }

    private static Path directory(ContainerdFiles files, String execId) throws DriverException {
        return files.execs().resolve(Requests.id(execId));
    }

    /** @see io.cairn.core.driver.Driver#abandonExec */
    void abandon(String containerId, String execId) throws DriverException {
        ContainerdFiles files = backend.layout().container(Requests.id(containerId));
        try {
            Option<Container> container = Container.read(files);
            Option<Process> process = container.isEmpty() ? Option.none() : backend.tasks().find(containerId, Requests.id(execId));
            if (process.isDefined()) {
                end(container.get(), execId, process.get().getPid());
            }
            backend.outputs().remove(execId, directory(files, execId));
        } catch (IOException e) {
            throw Failures.io("Cannot end command %s in container %s".formatted(execId, containerId), e);
        }
    }

    /** Kills it with what it has started, and has it forgotten. @param pid 0 for one that has not come to run */
    void end(Container container, String execId, long pid) throws IOException, DriverException {
        if (pid > 0) {
            ProcessFamily.kill(pid, container.cgroups());
            backend.tasks().await(container.id(), execId, DEATH_MAX);
        }
        backend.tasks().deleteExec(container.id(), execId);
    }
}
