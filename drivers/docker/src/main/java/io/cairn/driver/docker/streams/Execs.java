package io.cairn.driver.docker.streams;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.EngineStream;
import io.cairn.driver.host.ConnectedExec;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.Layout;
import io.cairn.driver.host.ProcessFamily;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.UnreadOutput;
import io.cairn.proto.journal.Failure;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Runs commands in running containers: each is a process that the engine adds to one. */
public record Execs(Engine engine, Layout layout) {
    private static final Stdio OUTPUT = new Stdio(false, true, true, false);
    private static final Duration START_MAX = Duration.ofSeconds(60);
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    /** @see io.cairn.core.driver.Driver#exec */
    public ExecResult exec(ExecSpec spec) throws DriverException {
        try {
            RunningExec running = start(spec, OUTPUT);
            try (Session session = new ExecSession(running, OUTPUT)) {
                return new ConnectedExec(spec, session, running::await).run();
            }
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    /** A command that runs, connected; to be closed. */
    Session open(ExecSpec spec, Stdio stdio) throws DriverException {
        try {
            return new ExecSession(start(spec, stdio), stdio);
        } catch (IOException e) {
            throw Failures.io("Cannot run a command in container " + spec.containerId(), e);
        }
    }

    private RunningExec start(ExecSpec spec, Stdio stdio) throws IOException, DriverException {
        if (spec.command().isEmpty()) {
            throw Failures.invalid("Expected a command to run in container %s, but there is none", spec.containerId());
        }
        Path file = ExecRecord.file(layout.container(Requests.id(spec.containerId())), spec.id());
        RunningContainer container = RunningContainer.require(layout, spec.containerId(), "run a command in");
        String id = engine.createExec(container.engineId(), command -> command.withCmd(spec.command().toJavaArray(String[]::new))
                .withAttachStdin(stdio.stdin()).withAttachStdout(true).withAttachStderr(!stdio.tty()).withTty(stdio.tty()));
        var record = new ExecRecord(id, container.record().cgroupsPath(), Option.none());
        record.write(file);
        try {
            EngineStream connection = engine.startExec(id, stdio.tty());
            Delivery delivery = Delivery.start(connection, stdio.tty(), UnreadOutput.PATIENT);
            try {
                long pid = awaitProcess(spec, id, delivery);
                Option<ProcessRef> process = ProcessRef.of(pid);
                ExecRecord known = process.map(record::with).getOrElse(record);
                known.write(file);
                return new RunningExec(engine, known, file, pid, connection, delivery, stdio.tty());
            } catch (DriverException | IOException | RuntimeException e) {
                delivery.close();
                throw e;
            }
        } catch (DriverException | IOException e) {
            abandonAfter(e, spec);
            throw e;
        }
    }

    /**
     * Waits until the engine has run the command: it gives up its connection before it tries, and what goes wrong it says there as if the
     * command had.
     *
     * @return its pid
     */
    private long awaitProcess(ExecSpec spec, String id, Delivery delivery) throws DriverException, IOException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        for (ExecState state = state(id); state.pid() == 0; state = state(id)) {
            if (!state.running() && state.exitCode().isDefined()) {
                throw Failures.failed("Cannot run command %s in container %s: %s", ConnectedExec.shown(spec), spec.containerId(), reason(delivery));
            }
            if (System.nanoTime() - deadline >= 0 || Thread.currentThread().isInterrupted()) {
                throw Failures.of(Failure.Kind.TIMED_OUT, "Cannot run command %s in container %s: the engine has not run it within %s",
                        ConnectedExec.shown(spec), spec.containerId(), START_MAX);
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
        return state(id).pid();
    }

    private ExecState state(String id) throws DriverException {
        return ExecState.of(engine, id).getOrElseThrow(() -> Failures.failed("The engine does not know the command %s any more", id));
    }

    private static String reason(Delivery delivery) throws IOException {
        delivery.giveUpAfter(START_MAX.toMillis());
        return delivery.firstWords();
    }

    private void abandonAfter(Exception cause, ExecSpec spec) {
        try {
            abandon(spec.containerId(), spec.id());
        } catch (DriverException e) {
            cause.addSuppressed(e);
        }
    }

    /**
     * Works by the process itself where it is known, whatever has become of the engine.
     *
     * @see io.cairn.core.driver.Driver#abandonExec
     */
    public void abandon(String containerId, String execId) throws DriverException {
        Path file = ExecRecord.file(layout.container(Requests.id(containerId)), execId);
        try {
            Option<ExecRecord> record = ExecRecord.read(file);
            if (record.isDefined()) {
                end(record.get());
            }
            FileTrees.forget(file);
        } catch (IOException e) {
            throw Failures.io("Cannot end command %s in container %s".formatted(execId, containerId), e);
        }
    }

    private void end(ExecRecord record) throws IOException, DriverException {
        Option<Long> pid = record.process().isDefined() ? record.process().map(ProcessRef::pid) : unheardOf(record);
        if (pid.isDefined()) {
            ProcessFamily.kill(pid.get(), RunningContainer.cgroups(record.cgroupsPath()));
        }
    }

    /** It may have been run after its daemon died, or just before. */
    private Option<Long> unheardOf(ExecRecord record) throws DriverException {
        long deadline = System.nanoTime() + START_MAX.toNanos();
        Option<ExecState> state = ExecState.of(engine, record.engineId());
        while (state.exists(s -> s.running() && s.pid() == 0) && System.nanoTime() - deadline < 0) {
            LockSupport.parkNanos(LOOK_NANOS);
            state = ExecState.of(engine, record.engineId());
        }
        return state.filter(s -> s.running() && s.pid() > 0).map(ExecState::pid);
    }
}
