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
import io.vavr.control.Option;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

/** {@code cairn log}: the journal for people and, as JSON, for machines. Reads only; the daemon may run or not. */
@Command(name = "log", description = "Print the journal.")
final class LogCommand implements Callable<Integer> {
    static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSXXX").withZone(ZoneId.systemDefault());
    private static final Duration FOLLOW_WAIT = Duration.ofSeconds(1);

    enum Format { TEXT, JSON }

    @ParentCommand
    private Cairn cairn;

    @Spec
    private CommandSpec spec;

    @picocli.CommandLine.Option(names = "--pod", paramLabel = "POD", description = "Only this pod: its name, namespace/name, uid, or the beginning of its id.")
    private String pod = "";

    @picocli.CommandLine.Option(names = "--container", paramLabel = "CONTAINER", description = "Only this container: its name, or the beginning of its id.")
    private String container = "";

    @picocli.CommandLine.Option(names = "--since", paramLabel = "TIME", description = "Only from this time on: 2026-11-22T10:00:00Z, or how long ago: 30s, 5m, 2h.")
    private String since = "";

    @picocli.CommandLine.Option(names = "--follow", description = "Go on with what is appended, until interrupted.")
    private boolean follow;

    @picocli.CommandLine.Option(names = "--access", description = "The access journal: every call that was served.")
    private boolean access;

    @picocli.CommandLine.Option(names = "--show-env", description = "Show the values of environment variables in JSON.")
    private boolean showEnv;

    @picocli.CommandLine.Option(names = "-o", paramLabel = "FORMAT", description = "text or json (default: text).")
    private Format format = Format.TEXT;

    private Names names = Names.NONE;

    @Override
    public Integer call() throws CommandFailure {
        Path state = cairn.load().config().stateDir();
        Path journal = access ? Daemon.accessDirectory(state) : Daemon.journalDirectory(state);
        if (!Files.isDirectory(journal)) {
            throw new CommandFailure("there is no journal in %s: no cairn has run with this state_dir yet".formatted(journal));
        }
        long sinceNanos = since.isEmpty() ? Long.MIN_VALUE : Moment.parse("--since", since, Instant.now());
        try (JournalReader reader = JournalReader.open(journal, 1)) {
            print(reader, sinceNanos);
            return 0;
        } catch (JournalException e) {
            throw new CommandFailure(e.getMessage());
        }
    }

    private void print(JournalReader reader, long sinceNanos) throws JournalException, CommandFailure {
        PrintWriter out = spec.commandLine().getOut();
        while (!Thread.currentThread().isInterrupted() && !out.checkError()) {
            Option<JournalRecord> record = reader.next();
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
        return "%6d  %s  %s%s%s".formatted(event.getSequence(), TIME.format(Instant.ofEpochSecond(0, event.getWallTimeNanos())),
                in.isEmpty() ? "" : in + ": ", printable(text.what()), caller);
    }

    /** Names and messages come from clients and tools: they may not write on the operator's terminal. */
    static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}+", " ");
    }

    private String json(Event event) throws CommandFailure {
        try {
            return JsonFormat.printer().omittingInsignificantWhitespace().print(showEnv ? event : Redaction.of(event));
        } catch (InvalidProtocolBufferException e) {
            throw new CommandFailure("event %d has no JSON form: %s".formatted(event.getSequence(), e.getMessage()));
        }
    }
}
