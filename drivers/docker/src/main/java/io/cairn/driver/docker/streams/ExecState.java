package io.cairn.driver.docker.streams;

import com.github.dockerjava.api.command.InspectExecResponse;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.vavr.control.Option;

/**
 * What the engine says of a command.
 *
 * @param running also while it is about to be run, and has no process yet
 * @param pid 0 for one that has never come to run
 * @param exitCode of one that has ended, or could not be run
 */
record ExecState(boolean running, long pid, Option<Integer> exitCode) {
    /** None when the engine does not know it: it keeps commands in its memory, and of those that have ended not for long. */
    static Option<ExecState> of(Engine engine, String execId) throws DriverException {
        return engine.exec(execId).map(ExecState::of);
    }

    private static ExecState of(InspectExecResponse said) {
        return new ExecState(Boolean.TRUE.equals(said.isRunning()), Option.of(said.getPidLong()).getOrElse(0L),
                Option.of(said.getExitCodeLong()).map(Long::intValue));
    }
}
