package io.cairn.app;

import io.cairn.core.cri.Listing;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.recovery.StateAt;
import io.cairn.journal.JournalException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cairn replay}: what {@code crictl pods}, {@code ps -a} and {@code images} would have said then. Reads the journal only. */
@Command(name = "replay", description = "Print pods, containers and images as they were at a moment. Reads the journal only; the daemon may run or not.")
final class ReplayCommand implements Callable<Integer> {
    private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,18}");

    @ParentCommand
    private Cairn cairn;

    @Spec
    private CommandSpec spec;

    @Option(names = "--until", paramLabel = "SEQ|TIME", description = "The last event to count: its number, or a time such as "
            + "2026-11-22T10:00:00Z or, for how long ago, 30s, 5m, 2h (default: the newest event).")
    private String until = "";

    @Option(names = "-o", paramLabel = "FORMAT", description = "text or json (default: text).")
    private LogCommand.Format format = LogCommand.Format.TEXT;

    @Override
    public Integer call() throws CommandFailure, IOException {
        Path state = cairn.load().config().stateDir();
        Path journal = Daemon.journalDirectory(state);
        if (!Files.isDirectory(journal)) {
            throw new CommandFailure("there is no journal in %s: no cairn has run with this state_dir yet".formatted(journal));
        }
        StateAt then = replay(journal, Daemon.snapshotsDirectory(state));
        PrintWriter out = spec.commandLine().getOut();
        out.print(switch (format) {
            case TEXT -> StateText.of(then.last(), Listing.of(then.state()));
            case JSON -> StateJson.of(then.last(), Listing.of(then.state()));
        });
        out.flush();
        return 0;
    }

    private StateAt replay(Path journal, Path snapshots) throws CommandFailure, IOException {
        try {
            if (until.isEmpty()) {
                return StateAt.sequence(journal, snapshots, Long.MAX_VALUE);
            }
            return SEQUENCE.matcher(until).matches()
                    ? StateAt.sequence(journal, snapshots, Long.parseLong(until))
                    : StateAt.time(journal, snapshots, Moment.parse("--until", until, Instant.now()));
        } catch (JournalException | InvariantViolation e) {
            throw new CommandFailure(e.getMessage());
        }
    }
}
