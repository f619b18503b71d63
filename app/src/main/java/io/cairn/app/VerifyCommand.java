package io.cairn.app;

import io.cairn.core.daemon.Daemon;
import io.cairn.core.recovery.Verification;
import io.cairn.core.recovery.Verification.Findings;
import io.cairn.journal.JournalDamaged;
import io.cairn.journal.JournalException;
import io.cairn.journal.Position;
import io.cairn.journal.StateLock;
import io.cairn.journal.Verifier;
import io.cairn.journal.VerifyReport;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** {@code cairn verify}: whether the history and the state on disk are what was written there. Reads only; the daemon may run or not. */
final class VerifyCommand implements Command {
    @Override
    public String words() {
        return "verify";
    }

    @Override
    public String description() {
        return "Check the journals, replay them, and compare the result with the state on disk.";
    }

    @Override
    public Vector<String> exitCodes() {
        return Vector.of("0  all is as it was written", Cairn.PROBLEM + "  something is not, or could not be looked at");
    }

    @Override
    public int run(Invocation invocation) throws CommandFailure {
        Path state = invocation.load().config().stateDir();
        if (!Files.isDirectory(Daemon.journalDirectory(state))) {
            throw new CommandFailure("there is no journal in %s: no cairn has run with this state_dir yet".formatted(state));
        }
        PrintWriter out = invocation.out();
        var progress = new Progress(invocation.err(), System.console() != null && System.console().isTerminal());
        try {
            StateLock.holderOf(state).forEach(pid -> out.printf("daemon:     process %d is running: the journal is read up to what it has"
                    + " written, the rows as it last wrote them out%n", pid));
            Findings findings = Verification.of(Daemon.journalDirectory(state), Daemon.projectionDirectory(state),
                    Daemon.snapshotsDirectory(state), progress::show);
            Option<VerifyReport> access = access(Daemon.accessDirectory(state));
            progress.clear();
            return report(out, findings, access);
        } catch (JournalException | IOException e) {
            progress.clear();
            throw new CommandFailure("cannot verify %s: %s".formatted(state, e.getMessage()));
        }
    }

    private static Option<VerifyReport> access(Path directory) throws JournalException {
        return Files.isDirectory(directory) ? Option.some(Verifier.verify(directory)) : Option.none();
    }

    private static int report(PrintWriter out, Findings findings, Option<VerifyReport> access) {
        line(out, "journal", walked(findings.journal()));
        line(out, "head", findings.journal().head().map(head -> head.sequence() + " " + head.hash()).getOrElse("none"));
        line(out, "replay", !findings.replayed() ? "not done" : findings.base().map(base ->
                "from the snapshot at event %d, since the events before %d were retired".formatted(base.appliedSequence(),
                        findings.journal().oldest().get().sequence())).getOrElse("from nothing"));
        line(out, "rows", !findings.replayed() ? "not compared" : findings.rowsAt().map(at -> "%d compared, at event %d".formatted(
                findings.rows(), at)).getOrElse("none on disk; the next start builds them"));
        access.forEach(report -> line(out, "access", walked(report)));
        Vector<String> problems = findings.problems().appendAll(access.flatMap(VerifyReport::damage).map(JournalDamaged::what));
        problems.forEach(problem -> line(out, "problem", problem));
        line(out, "verdict", problems.isEmpty() ? "good" : "NOT GOOD");
        return problems.isEmpty() ? 0 : Cairn.PROBLEM;
    }

    private static String walked(VerifyReport report) {
        return "%d records in %d epochs%s, %s".formatted(report.records(), report.epochs(),
                report.oldest().map(Position::sequence).map(first -> " (%d to %d)".formatted(first, report.head().get().sequence())).getOrElse(""),
                report.good() ? "every frame and the chain are good" : "good up to the damage");
    }

    private static void line(PrintWriter out, String what, String text) {
        out.printf("%-11s %s%n", what + ":", LogCommand.printable(text));
    }

    /** A line on a terminal that says how far it is. */
    private static final class Progress {
        private static final long EVERY = 20_000;

        private final PrintWriter err;
        private final boolean onTerminal;
        private long shown;

        Progress(PrintWriter err, boolean onTerminal) {
            this.err = err;
            this.onTerminal = onTerminal;
        }

        void show(Verification.Phase phase, long sequence) {
            if (onTerminal && Math.abs(sequence - shown) >= EVERY) {
                shown = sequence;
                err.printf("\r%s: event %d", phase.name().toLowerCase(Locale.ROOT), sequence);
                err.flush();
            }
        }

        void clear() {
            if (onTerminal) {
                err.print("\r\033[K");
                err.flush();
            }
        }
    }
}
