package io.cairn.driver.host;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.ExitReport;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Evidence.Witness;
import io.vavr.control.Option;
import java.io.IOException;

/**
 * How containers ended of whose end the backend has no record: by the process table, when the process is gone; by the boot, when the
 * host went down with it. When they ended is an interval.
 */
public record UnseenExits(Boot boot, LastSeen lastSeen) {
    /**
     * The process is gone and no record of its exit will come. What is found first is written down and stays.
     *
     * @param sawAliveNanos wall time at which it was last seen alive by whoever asks
     * @param missing what there is not, for the evidence: {@code conmon left no exit record}
     */
    public ExitReport vanished(ContainerFiles files, StartRecord started, boolean oomKilled, Option<Long> sawAliveNanos, String missing)
            throws IOException {
        Option<ExitReport> known = known(files);
        if (known.isDefined()) {
            return known.get();
        }
        long now = WallClock.now();
        long seen = sawAliveNanos.orElse(lastSeen.of(files.id())).getOrElse(0L);
        long alive = Math.min(now, Math.max(started.startedAtNanos(), seen));
        var evidence = evidence(Witness.PROCESS_TABLE, "process %d is gone and %s".formatted(started.process().pid(), missing), now);
        var report = new ExitReport(Option.none(), oomKilled, alive, now, evidence);
        // The watch and a probe may find it at the same time: what the first one wrote down is what both say.
        return FileTrees.writeOnce(files.vanished(), toJson(report)) ? report : known(files).getOrElse(report);
    }

    /** The host went down with it. When exactly, nobody knows: not before it was last seen, not after the host came up again. */
    public ExitReport ofBoot(ContainerFiles files, StartRecord started, boolean oomKilled) throws IOException {
        Option<ExitReport> known = known(files);
        if (known.isDefined()) {
            return known.get();
        }
        long alive = Math.max(started.startedAtNanos(), lastSeen.of(files.id()).getOrElse(0L));
        var evidence = evidence(Witness.BOOT, "started in boot %s, this is boot %s".formatted(started.bootId(), boot.id()), WallClock.now());
        // A clock that was set back meanwhile says that the boot came before it was last seen: then all that is sure is that it is over.
        long over = boot.timeNanos() > alive ? boot.timeNanos() : Math.max(alive, WallClock.now());
        return new ExitReport(Option.none(), oomKilled, alive, over, evidence);
    }

    /** @param observedAtNanos wall time */
    public static Evidence evidence(Witness witness, String detail, long observedAtNanos) {
        return Evidence.newBuilder().setWitness(witness).setDetail(detail).setObservedAtNanos(observedAtNanos).build();
    }

    private static ObjectNode toJson(ExitReport report) {
        return FileTrees.JSON.createObjectNode().put("oom_killed", report.oomKilled())
                .put("not_before_nanos", report.notBeforeNanos()).put("not_after_nanos", report.notAfterNanos())
                .put("detail", report.evidence().getDetail());
    }

    /** What was written down when it was found. */
    private static Option<ExitReport> known(ContainerFiles files) throws IOException {
        return FileTrees.readObject(files.vanished()).map(o -> new ExitReport(Option.none(), o.path("oom_killed").asBoolean(),
                o.path("not_before_nanos").asLong(), o.path("not_after_nanos").asLong(),
                evidence(Witness.PROCESS_TABLE, o.path("detail").asText(), o.path("not_after_nanos").asLong())));
    }
}
