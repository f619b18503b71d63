package io.cairn.driver.runc;

import io.cairn.core.driver.ExitReport;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.UnseenExits;
import io.cairn.driver.host.WallClock;
import io.cairn.proto.journal.Evidence.Witness;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** How containers ended, by the best witness there is: conmon's record of the exit; else those of an exit that nobody has seen. */
record Exits(UnseenExits unseen) {
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
            var evidence = UnseenExits.evidence(Witness.EXIT_RECORD, "conmon's record %s says %d".formatted(file, code.get()), finished);
            return Option.some(new ExitReport(code, oomKilled(container), finished, finished, evidence));
        } catch (NoSuchFileException removedMeanwhile) {
            return Option.none();
        }
    }

    /** Two witnesses, since each alone may be missing: conmon's file when conmon was killed, the count when the cgroup is gone. */
    private static boolean oomKilled(Container container) throws IOException {
        return Files.exists(container.files().conmon().resolve("oom")) || container.cgroups().oomKilled();
    }

    /** The process is gone and conmon with it. @param sawAliveNanos when it was last seen alive by whoever asks */
    ExitReport vanished(Container container, StartRecord started, Option<Long> sawAliveNanos) throws IOException {
        return unseen.vanished(container.files(), started, oomKilled(container), sawAliveNanos, "conmon left no exit record");
    }

    /** The host went down with it. */
    ExitReport ofBoot(Container container, StartRecord started) throws IOException {
        return unseen.ofBoot(container.files(), started, oomKilled(container));
    }
}
