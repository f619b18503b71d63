package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.ExitReport;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Evidence.Witness;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * How containers ended, by the best witness there is: conmon's record of the exit; else the process table, when both the process
 * and conmon are gone; else the boot, when the host went down with it.
 */
record Exits(Boot boot, LastSeen lastSeen) {
    private static final int EXIT_CODE_MAX = 255;

    /** conmon's record; none when there is none, or one a power loss left empty. */
    Option<ExitReport> recorded(Container container) throws IOException {
        Option<ExitReport> beside = recorded(container, container.files().exit());
        return beside.isDefined() ? beside : recorded(container, container.files().conmon().resolve("exit"));
    }

    private Option<ExitReport> recorded(Container container, Path file) throws IOException {
        Option<Integer> code = FileTrees.read(file).map(b -> new String(b, StandardCharsets.US_ASCII).strip())
                .filter(t -> t.matches("[0-9]{1,3}")).map(Integer::parseInt).filter(c -> c <= EXIT_CODE_MAX);
        if (code.isEmpty()) {
            return Option.none();
        }
        try {
            // The kernel stamps files by the timer's last tick, up to 10 ms early: a program of a moment would end before it began.
            long finished = Math.max(WallClock.modified(file), container.started().map(StartRecord::startedAtNanos).getOrElse(0L));
            var evidence = evidence(Witness.EXIT_RECORD, "conmon's record %s says %d".formatted(file, code.get()), finished);
            return Option.some(new ExitReport(code, oomKilled(container), finished, finished, evidence));
        } catch (NoSuchFileException removedMeanwhile) {
            return Option.none();
        }
    }

    /** Two witnesses, since each alone may be missing: conmon's file when conmon was killed, the count when the cgroup is gone. */
    private static boolean oomKilled(Container container) throws IOException {
        return Files.exists(container.files().conmon().resolve("oom")) || container.cgroups().oomKilled();
    }

    /**
     * The process is gone and no record of its exit will come.
     *
     * @param sawAliveNanos when it was last seen alive by whoever asks
     */
    ExitReport vanished(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException {
        Option<ExitReport> known = readVanished(container.files());
        if (known.isDefined()) {
            return known.get();
        }
        long now = WallClock.now();
        long seen = sawAliveNanos.orElse(lastSeen.of(container.files().id())).getOrElse(0L);
        long alive = Math.min(now, Math.max(started.startedAtNanos(), seen));
        var evidence = evidence(Witness.PROCESS_TABLE,
                "process %d is gone and conmon left no exit record".formatted(started.process().pid()), now);
        var report = new ExitReport(Option.none(), oomKilled(container), alive, now, evidence);
        // The watch and a probe may find it at the same time: what the first one wrote down is what both say.
        return FileTrees.writeOnce(container.files().vanished(), toJson(report)) ? report
                : readVanished(container.files()).getOrElse(report);
    }

    /** The host went down with it. When exactly, nobody knows: not before it was last seen, not after the host came up again. */
    ExitReport ofBoot(Container container, StartRecord started) throws IOException {
        Option<ExitReport> known = readVanished(container.files());
        if (known.isDefined()) {
            return known.get();
        }
        long alive = Math.max(started.startedAtNanos(), lastSeen.of(container.files().id()).getOrElse(0L));
        var evidence = evidence(Witness.BOOT, "started in boot %s, this is boot %s".formatted(started.bootId(), boot.id()),
                WallClock.now());
        return new ExitReport(Option.none(), oomKilled(container), alive, Math.max(alive, boot.timeNanos()), evidence);
    }

    private static Evidence evidence(Witness witness, String detail, long observedAtNanos) {
        return Evidence.newBuilder().setWitness(witness).setDetail(detail).setObservedAtNanos(observedAtNanos).build();
    }

    private static ObjectNode toJson(ExitReport report) {
        return FileTrees.JSON.createObjectNode().put("oom_killed", report.oomKilled())
                .put("not_before_nanos", report.notBeforeNanos()).put("not_after_nanos", report.notAfterNanos())
                .put("detail", report.evidence().getDetail());
    }

    private static Option<ExitReport> readVanished(ContainerFiles files) throws IOException {
        return FileTrees.readObject(files.vanished()).map(o -> new ExitReport(Option.none(), o.path("oom_killed").asBoolean(),
                o.path("not_before_nanos").asLong(), o.path("not_after_nanos").asLong(),
                evidence(Witness.PROCESS_TABLE, o.path("detail").asText(), o.path("not_after_nanos").asLong())));
    }
}
