package io.cairn.driver.containerd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Timestamp;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.driver.containerd.proto.shim.StateResponse;
import io.cairn.driver.containerd.proto.task.Process;
import io.cairn.driver.containerd.proto.task.Status;
import io.cairn.driver.host.Boot;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.UnseenExits;
import io.cairn.proto.journal.Evidence.Witness;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.TimeUnit;

/**
 * How containers ended, by the best witness there is: the task service, as long as the ended task is not deleted; what was written down
 * of it before it was; else those of an exit that nobody has seen.
 */
record Exits(Boot boot, Tasks tasks, UnseenExits unseen) {
    /** What was written down; none when nobody has looked at the ended task yet. */
    static Option<ExitReport> recorded(Container container) throws IOException {
        return FileTrees.readObject(container.files().ended()).map(Exits::read);
    }

    /**
     * How a container ended whose process is gone. What is found first is written down and stays.
     *
     * @param sawAliveNanos wall time at which it was last seen alive by whoever asks
     * @return none while containerd has not noticed its end
     */
    Option<ExitReport> of(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException, DriverException {
        Option<ExitReport> known = recorded(container);
        if (known.isDefined()) {
            return known;
        }
        if (!started.bootId().equals(boot.id())) {
            return Option.some(unseen.ofBoot(container.files(), started, oomKilled(container)));
        }
        if (Files.exists(container.files().vanished())) {
            return Option.some(vanished(container, started, sawAliveNanos, "nobody has seen its end"));
        }
        Option<Process> task;
        try {
            task = tasks.find(container.id(), Tasks.MAIN);
        } catch (DriverException e) {
            return askShim(container, started, e);
        }
        if (task.isEmpty()) {
            return Option.some(vanished(container, started, sawAliveNanos, "containerd has no task of it"));
        }
        return task.get().getStatus() == Status.STOPPED ? Option.some(record(container, started,
                task.get().getExitStatus(), task.get().getExitedAt(), "containerd's task service says")) : Option.none();
    }

    /** Containerd is away: its shim is its witness, and may be gone when it is back. */
    private Option<ExitReport> askShim(Container container, StartRecord started, DriverException away) throws IOException, DriverException {
        StateResponse state = Shim.instead(away, started.monitor(), tasks.containerd().namespace(), shim -> shim.state(container.id()));
        return state.getStatus() == Status.STOPPED
                ? Option.some(record(container, started, state.getExitStatus(), state.getExitedAt(), "its shim says")) : Option.none();
    }

    /** @param missing what there is not, for the evidence */
    ExitReport vanished(Container container, StartRecord started, Option<Long> sawAliveNanos, String missing) throws IOException {
        return unseen.vanished(container.files(), started, oomKilled(container), sawAliveNanos, missing);
    }

    private static ExitReport record(Container container, StartRecord started, int code, Timestamp exited, String witness) throws IOException {
        // The shim's clock is read after the process was reaped: never before its start but by a clock that was set back.
        long finished = Math.max(nanos(exited), started.startedAtNanos());
        var evidence = UnseenExits.evidence(Witness.EXIT_RECORD, "%s %d".formatted(witness, code), finished);
        var report = new ExitReport(Option.some(code), oomKilled(container), finished, finished, evidence);
        // Durable before the task is deleted, and with it the only other witness.
        return FileTrees.writeOnce(container.files().ended(), toJson(report)) ? report : recorded(container).getOrElse(report);
    }

    /** Two witnesses, since each alone may be missing: the event when nobody listened, the count when the cgroup is gone. */
    private static boolean oomKilled(Container container) throws IOException {
        return Files.exists(container.files().oom()) || container.cgroups().oomKilled();
    }

    private static long nanos(Timestamp time) {
        return TimeUnit.SECONDS.toNanos(time.getSeconds()) + time.getNanos();
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
