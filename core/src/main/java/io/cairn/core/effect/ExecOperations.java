package io.cairn.core.effect;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Exec;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ExecFailed;
import io.cairn.proto.journal.ExecFinished;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;

/** Run a command in a container. Thread-safe; commands in one container run side by side. */
public final class ExecOperations {
    private final Engine engine;
    private final Steps steps;
    private final Drivers drivers;

    ExecOperations(Engine engine, Drivers drivers) {
        this.engine = engine;
        this.steps = new Steps(engine);
        this.drivers = drivers;
    }

    public Either<Problem, ExecResult> exec(Command.ExecInContainer command, Origin origin) {
        return steps.intend(command, origin).flatMap(committed -> {
            String driver = driverName(command.containerId());
            Origin cause = origin.causedBy(committed.intent());
            try {
                ExecResult result = drivers.named(driver).exec(
                        new ExecSpec(command.newId(), command.containerId(), command.command(), command.timeoutMillis()));
                return steps.conclude(Event.newBuilder().setExecFinished(ExecFinished.newBuilder().setExecId(command.newId())
                        .setExitCode(result.exitCode())), driver, cause, result);
            } catch (Exception e) {
                Failure failure = Failures.of(e);
                return steps.concludeFailed(failed(command.newId(), failure), driver, cause, failure);
            }
        });
    }

    /** Ends a command whose caller a crash took away. */
    public void abandon(Exec exec, Origin origin) {
        String driver = driverName(exec.containerId());
        String tail = driver.isEmpty() ? "" : Steps.attempt(() -> drivers.named(driver).abandonExec(exec.containerId(), exec.id()))
                .map(f -> "; what is left of it could not be ended: " + f.getMessage()).getOrElse("");
        steps.conclude(failed(exec.id(), Failures.interrupted("cairn ended while the command ran" + tail)), driver, origin, exec.id());
    }

    private static Event.Builder failed(String execId, Failure failure) {
        return Event.newBuilder().setExecFailed(ExecFailed.newBuilder().setExecId(execId).setCause(failure));
    }

    private String driverName(String containerId) {
        return engine.state().container(containerId).flatMap(c -> engine.state().sandbox(c.sandboxId())).map(s -> s.driver()).getOrElse("");
    }
}
