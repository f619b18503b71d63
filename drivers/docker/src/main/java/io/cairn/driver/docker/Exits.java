package io.cairn.driver.docker;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.UnseenExits;
import io.cairn.proto.journal.Evidence.Witness;
import io.vavr.control.Option;
import java.io.IOException;

/**
 * How containers ended: as the engine's records have it, where it has seen the end. Of those that were gone when it came back, after a
 * reboot or with a killed shim, it says 255 and the time at which it came back: that is not known, and is said to be.
 */
record Exits(Boot boot, Owned owned, UnseenExits unseen) {
    /** What the engine says where it does not know (libcontainerd); a program may end with it, too. */
    static final int UNKNOWN = 255;

    /** What was written down; none when nobody has asked the engine yet. */
    static Option<ExitReport> recorded(Container container) throws IOException {
        return FileTrees.readObject(container.files().ended()).map(Exits::read);
    }

    /**
     * How a container ended whose process is gone. What is found first is written down and stays.
     *
     * @param sawAliveNanos wall time at which it was last seen alive by whoever asks
     * @return none while the engine has not noticed its end
     */
    Option<ExitReport> of(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException, DriverException {
        Option<ExitReport> known = recorded(container);
        if (known.isDefined()) {
            return known;
        }
        boolean rebooted = !started.bootId().equals(boot.id());
        Option<EngineState> state = owned.find(container.id());
        if (state.isEmpty()) {
            return Option.some(unseen(container, started, rebooted, sawAliveNanos, "docker has no container of it"));
        }
        if (state.get().running() && !rebooted) {
            return Option.none();
        }
        if (state.get().running() || state.get().finishedNanos().isEmpty() || !hasSeen(container, state.get(), rebooted)) {
            return Option.some(unseen(container, started, rebooted, sawAliveNanos, "docker has not seen its end"));
        }
        return Option.some(record(container, started, state.get()));
    }

    private ExitReport unseen(Container container, StartRecord started, boolean rebooted, Option<Long> sawAliveNanos, String missing) throws IOException {
        return rebooted ? unseen.ofBoot(container.files(), started, false) : unseen.vanished(container.files(), started, false, sawAliveNanos, missing);
    }

    /** The process is gone, and the engine does not notice. */
    ExitReport unnoticed(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException {
        return unseen.vanished(container.files(), started, false, sawAliveNanos, "docker has not noticed");
    }

    /** An end that the engine has seen is dated in its own boot, and told by an event, which it remembers for a while. */
    private boolean hasSeen(Container container, EngineState state, boolean rebooted) throws DriverException {
        if (rebooted) {
            return state.finishedNanos().get() < boot.timeNanos();
        }
        return state.exitCode() != UNKNOWN || owned.engine().hasDied(state.id(), state.finishedNanos().get());
    }

    private static ExitReport record(Container container, StartRecord started, EngineState state) throws IOException {
        // The shim's clock is read after the process was reaped: never before its start but by a clock that was set back.
        long finished = Math.max(state.finishedNanos().get(), started.startedAtNanos());
        var evidence = UnseenExits.evidence(Witness.EXIT_RECORD, "docker says %d".formatted(state.exitCode()), finished);
        var report = new ExitReport(Option.some(state.exitCode()), state.oomKilled(), finished, finished, evidence);
        return FileTrees.writeOnce(container.files().ended(), toJson(report)) ? report : recorded(container).getOrElse(report);
    }

    private static ObjectNode toJson(ExitReport report) {
        return FileTrees.JSON.createObjectNode().put("exit_code", report.exitCode().get()).put("oom_killed", report.oomKilled())
                .put("finished_nanos", report.notAfterNanos()).put("detail", report.evidence().getDetail());
    }

    private static ExitReport read(ObjectNode json) {
        long finished = json.path("finished_nanos").asLong();
        return new ExitReport(Option.some(json.path("exit_code").asInt()), json.path("oom_killed").asBoolean(), finished, finished,
                UnseenExits.evidence(Witness.EXIT_RECORD, json.path("detail").asText(), finished));
    }
}
