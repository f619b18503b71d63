package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.StreamBackend;
import io.cairn.core.engine.Committed;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.network.PodPorts;
import io.cairn.proto.journal.AttachEnded;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ExecFailed;
import io.cairn.proto.journal.ExecFinished;
import io.cairn.proto.journal.Failure;
import io.cairn.proto.journal.PortForwardEnded;
import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.PortForward;
import io.cairn.streaming.Session;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicBoolean;

/** Lets clients to processes and ports; what they do there and how it ended is recorded when it ends. Thread-safe. */
public final class StreamOperations {
    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;

    StreamOperations(Engine engine, Drivers drivers) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
    }

    /** Runs a command that a client is connected to. */
    public Either<Problem, Session> exec(Command.OpenExec command, Stdio stdio, Origin origin) {
        return steps.intend(command, origin).flatMap(committed -> {
            Origin cause = origin.causedBy(committed.intent());
            String driver = driverOf(committed.state(), command.containerId());
            try {
                Session session = backend(driver).openExec(
                        new ExecSpec(command.newId(), command.containerId(), command.command(), 0), stdio);
                return Either.right(new RecordedSession(session, ending -> recordExec(command.newId(), driver, ending, cause)));
            } catch (Exception e) {
                Failure failure = Failures.of(e);
                return steps.concludeFailed(execFailed(command.newId(), failure), driver, cause, failure);
            }
        });
    }

    private void recordExec(String execId, String driver, Either<Failure, Option<Integer>> ending, Origin cause) {
        Event.Builder outcome = ending.fold(failure -> execFailed(execId, failure), exitCode -> Event.newBuilder().setExecFinished(
                ExecFinished.newBuilder().setExecId(execId).setExitCode(exitCode.getOrElse(0))));
        steps.conclude(outcome, driver, cause, execId);
    }

    private static Event.Builder execFailed(String execId, Failure failure) {
        return Event.newBuilder().setExecFailed(ExecFailed.newBuilder().setExecId(execId).setCause(failure));
    }

    /** Connects a client to the main process of a running container. */
    public Either<Problem, Session> attach(Command.AttachToContainer command, Stdio stdio, Origin origin) {
        return steps.intend(command, origin).flatMap(committed -> {
            String driver = driverOf(committed.state(), command.containerId());
            var ended = Event.newBuilder().setAttachEnded(AttachEnded.newBuilder().setContainerId(command.containerId()));
            Origin cause = origin.causedBy(committed.intent());
            try {
                Session session = backend(driver).attach(command.containerId(), stdio);
                return Either.right(new RecordedSession(session, ending -> steps.conclude(ended, driver, cause, "")));
            } catch (Exception e) {
                return steps.concludeFailed(ended, driver, cause, Failures.of(e));
            }
        });
    }

    /** Lets a client to the ports of a pod, in the pod's own network. */
    public Either<Problem, PortForward> forward(Command.ForwardPorts command, Origin origin) {
        return steps.intend(command, origin).map(committed -> new Forward(committed, origin.causedBy(committed.intent())));
    }

    /** Goes on with a container's log in a new file. Nothing changes that the journal speaks of, so it is the access journal's. */
    public Either<Problem, String> reopenLog(String containerId) {
        Option<Failure> failure = Steps.attempt(() -> backend(driverOf(engine.state(), containerId)).reopenLog(containerId));
        return failure.isDefined() ? Either.left(new Problem.Failed(failure.get())) : Either.right(containerId);
    }

    private StreamBackend backend(String driver) {
        return drivers.named(driver).streams();
    }

    private static String driverOf(io.cairn.core.domain.State state, String containerId) {
        return state.container(containerId).flatMap(c -> state.sandbox(c.sandboxId())).map(Sandbox::driver).getOrElse("");
    }

    /** A pod's ports while a client is there. */
    private final class Forward implements PortForward {
        private final Sandbox sandbox;
        private final Origin cause;
        private final TreeSet<Integer> ports = new TreeSet<>();
        private final AtomicBoolean ended = new AtomicBoolean();
        private long connections;

        Forward(Committed committed, Origin cause) {
            this.sandbox = committed.state().sandboxes().apply(committed.subject());
            this.cause = cause;
        }

        @Override
        public Socket connect(int port) throws IOException {
            Socket socket = PodPorts.connect(sandbox.networkNamespace().map(Path::of), port);
            synchronized (ports) {
                ports.add(port);
                connections++;
            }
            return socket;
        }

        @Override
        public void close() {
            if (ended.compareAndSet(false, true)) {
                synchronized (ports) {
                    steps.conclude(Event.newBuilder().setPortForwardEnded(PortForwardEnded.newBuilder().setSandboxId(sandbox.id())
                            .addAllPorts(ports).setConnections(connections)), sandbox.driver(), cause, sandbox.id());
                }
            }
        }
    }
}
