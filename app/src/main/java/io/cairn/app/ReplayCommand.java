package io.cairn.app;

import io.cairn.core.cri.Listing;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.recovery.StateAt;
import io.cairn.journal.JournalException;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.regex.Pattern;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.ParseException;

/** {@code cairn replay}: what {@code crictl pods}, {@code ps -a} and {@code images} would have said then. Reads the journal only. */
final class ReplayCommand implements Command {
    private static final Pattern SEQUENCE = Pattern.compile("[0-9]{1,18}");
    private static final Option UNTIL = Option.builder().longOpt("until").hasArg().argName("SEQ|TIME").desc("The last event to count: its number, or a time such as "
            + "2026-11-22T10:00:00Z or, for how long ago, 30s, 5m, 2h (default: the newest event).").get();

    @Override
    public String words() {
        return "replay";
    }

    @Override
    public String description() {
        return "Print pods, containers and images as they were at a moment. Reads the journal only; the daemon may run or not.";
    }

    @Override
    public Vector<Option> options() {
        return Vector.of(UNTIL, Format.OPTION);
    }

    @Override
    public int run(Invocation invocation) throws CommandFailure, ParseException, IOException {
        Format format = Format.of(invocation);
        Path state = invocation.load().config().stateDir();
        Path journal = Daemon.journalDirectory(state);
        if (!Files.isDirectory(journal)) {
            throw new CommandFailure("there is no journal in %s: no cairn has run with this state_dir yet".formatted(journal));
        }
        StateAt then = replay(journal, Daemon.snapshotsDirectory(state), invocation.value(UNTIL).getOrElse(""));
        invocation.out().print(switch (format) {
            case TEXT -> StateText.of(then.last(), Listing.of(then.state()));
            case JSON -> StateJson.of(then.last(), Listing.of(then.state()));
        });
        return 0;
    }

    private static StateAt replay(Path journal, Path snapshots, String until) throws CommandFailure, IOException {
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
