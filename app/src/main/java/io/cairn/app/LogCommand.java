package io.cairn.app;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import io.cairn.core.daemon.Daemon;
import io.cairn.core.recovery.Replay;
import io.cairn.core.text.EventText;
import io.cairn.core.text.Names;
import io.cairn.core.text.Redaction;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.journal.JournalRecord;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.apache.commons.cli.Option;
import org.apache.commons.cli.ParseException;

/** {@code cairn log}: the journal for people and, as JSON, for machines. Reads only; the daemon may run or not. */
final class LogCommand implements Command {
    private static final Duration FOLLOW_WAIT = Duration.ofSeconds(1);
    private static final Option POD = Option.builder().longOpt("pod").hasArg().argName("POD")
            .desc("Only this pod: its name, namespace/name, uid, or the beginning of its id.").get();
    private static final Option CONTAINER = Option.builder().longOpt("container").hasArg().argName("CONTAINER")
            .desc("Only this container: its name, or the beginning of its id.").get();
    private static final Option SINCE = Option.builder().longOpt("since").hasArg().argName("TIME")
            .desc("Only from this time on: 2026-11-22T10:00:00Z, or how long ago: 30s, 5m, 2h.").get();
    private static final Option FOLLOW = Option.builder().longOpt("follow").desc("Go on with what is appended, until interrupted.").get();
    private static final Option ACCESS = Option.builder().longOpt("access").desc("The access journal: every call that was served.").get();
    private static final Option SHOW_ENV = Option.builder().longOpt("show-env").desc("Show the values of environment variables in JSON.").get();

    @Override
    public String words() {
        return "log";
    }

    @Override
    public String description() {
        return "Print the journal.";
    }

    @Override
    public Vector<Option> options() {
        return Vector.of(POD, CONTAINER, SINCE, FOLLOW, ACCESS, SHOW_ENV, Format.OPTION);
    }

    @Override
    public int run(Invocation invocation) throws CommandFailure, ParseException {
        var printer = new Printer(invocation, Format.of(invocation));
        Path state = invocation.load().config().stateDir();
        Path journal = invocation.has(ACCESS) ? Daemon.accessDirectory(state) : Daemon.journalDirectory(state);
        if (!Files.isDirectory(journal)) {
            throw new CommandFailure("there is no journal in %s: no cairn has run with this state_dir yet".formatted(journal));
        }
        String since = invocation.value(SINCE).getOrElse("");
        long sinceNanos = since.isEmpty() ? Long.MIN_VALUE : Moment.parse("--since", since, Instant.now());
        try (JournalReader reader = JournalReader.open(journal, 1)) {
            printer.print(reader, sinceNanos);
            return 0;
        } catch (JournalException e) {
            throw new CommandFailure(e.getMessage());
        }
    }

    /** Names and messages come from clients and tools: they may not write on the operator's terminal. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    /** Prints what is asked for. Knows the names of what has come by. */
    private static final class Printer {
        private final PrintWriter out;
        private final Format format;
        private final String pod;
        private final String container;
        private final boolean follow;
        private final boolean showEnv;
        private Names names = Names.NONE;

        Printer(Invocation invocation, Format format) {
            this.out = invocation.out();
            this.format = format;
            this.pod = invocation.value(POD).getOrElse("");
            this.container = invocation.value(CONTAINER).getOrElse("");
            this.follow = invocation.has(FOLLOW);
            this.showEnv = invocation.has(SHOW_ENV);
        }

        void print(JournalReader reader, long sinceNanos) throws JournalException, CommandFailure {
            while (!Thread.currentThread().isInterrupted() && !out.checkError()) {
                var record = reader.next();
                if (record.isEmpty() && !follow) {
                    return;
                }
                if (record.isEmpty()) {
                    out.flush();
                    record = reader.next(FOLLOW_WAIT);
                }
                for (JournalRecord found : record) {
                    Event event = Replay.parse(found);
                    names = names.with(event);
                    EventText text = EventText.of(event, names);
                    if (event.getWallTimeNanos() >= sinceNanos && isAsked(text)) {
                        out.println(format == Format.JSON ? json(event) : line(event, text));
                    }
                }
            }
        }

        private boolean isAsked(EventText text) {
            return (pod.isEmpty() || text.sandboxId().exists(this::isAskedPod))
                    && (container.isEmpty() || text.containerId().exists(this::isAskedContainer));
        }

        private boolean isAskedPod(String sandboxId) {
            return sandboxId.startsWith(pod) || names.pods().get(sandboxId)
                    .exists(p -> p.name().equals(pod) || p.toString().equals(pod) || p.uid().equals(pod));
        }

        private boolean isAskedContainer(String containerId) {
            return containerId.startsWith(container) || names.containers().get(containerId).exists(c -> c.name().equals(container));
        }

        private String line(Event event, EventText text) {
            String pod = text.sandboxId().map(id -> names.pods().get(id).map(Object::toString).getOrElse(() -> EventText.shortId(id))).getOrElse("");
            String in = text.containerId().map(id -> names.containers().get(id).map(Names.Contained::name).getOrElse(() -> EventText.shortId(id)))
                    .map(name -> pod + " " + name).getOrElse(pod);
            String caller = event.getPeer().getExecutable().isEmpty() ? "" : "  [%s %d]".formatted(
                    Path.of(event.getPeer().getExecutable()).getFileName(), event.getPeer().getPid());
            return "%6d  %s  %s%s%s".formatted(event.getSequence(), ShownTime.of(event.getWallTimeNanos()),
                    in.isEmpty() ? "" : in + ": ", printable(text.what()), caller);
        }

        private String json(Event event) throws CommandFailure {
            try {
                return JsonFormat.printer().omittingInsignificantWhitespace().print(showEnv ? event : Redaction.of(event));
            } catch (InvalidProtocolBufferException e) {
                throw new CommandFailure("event %d has no JSON form: %s".formatted(event.getSequence(), e.getMessage()));
            }
        }
    }
}
