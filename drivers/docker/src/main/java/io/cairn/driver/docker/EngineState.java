package io.cairn.driver.docker;

import com.github.dockerjava.api.command.InspectContainerResponse;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import io.cairn.driver.host.ProcessRef;
import io.vavr.control.Option;
import java.io.IOException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * What the engine says of one container at one moment.
 *
 * @param id the engine's own
 * @param pid 0 when it does not run
 * @param startedNanos wall time right after its program was last started; none when it never was
 * @param finishedNanos wall time of its last end; of one that runs, that of the run before
 * @param error why it could not be started; empty when it could, or nobody has tried
 * @param logPath where the engine writes its output; empty before it was started
 */
record EngineState(String id, Map<String, String> labels, boolean running, long pid, int exitCode, boolean oomKilled, Option<Long> startedNanos,
        Option<Long> finishedNanos, String error, String logPath) {
    static EngineState of(InspectContainerResponse found) {
        ContainerState state = found.getState();
        Map<String, String> labels = Option.of(found.getConfig()).flatMap(c -> Option.of(c.getLabels())).getOrElse(Map.of());
        return new EngineState(found.getId(), labels, Boolean.TRUE.equals(state.getRunning()), or0(state.getPidLong()),
                (int) or0(state.getExitCodeLong()), Boolean.TRUE.equals(state.getOOMKilled()), nanos(state.getStartedAt()),
                nanos(state.getFinishedAt()), orEmpty(state.getError()), orEmpty(found.getLogPath()));
    }

    private static long or0(Long value) {
        return Option.of(value).getOrElse(0L);
    }

    private static String orEmpty(String text) {
        return Option.of(text).getOrElse("");
    }

    /** The engine writes year 1 for never. */
    private static Option<Long> nanos(String time) {
        try {
            Instant instant = Instant.parse(orEmpty(time));
            return Option.when(instant.getEpochSecond() > 0, () -> TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano());
        } catch (DateTimeParseException e) {
            return Option.none();
        }
    }

    /** Whether its program was ever run. */
    boolean hasStarted() {
        return running || startedNanos.isDefined();
    }

    boolean isOf(String owner) {
        return owner.equals(labels.get(Labels.OWNER));
    }

    /** Its process, while it lives. */
    Option<ProcessRef> process() throws IOException {
        return running && pid > 0 ? ProcessRef.of(pid) : Option.none();
    }
}
