package io.cairn.crash.points;

import io.cairn.core.daemon.Daemon;
import io.cairn.core.recovery.Replay;
import io.cairn.core.text.EventText;
import io.cairn.core.text.Names;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.journal.JournalRecord;
import io.cairn.proto.journal.Event;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;

/** What the journal says of the last steps, for whoever reads of a failure when the node is gone. */
final class History {
    /** A step has some ten, and a recovery as many. */
    private static final int LINES = 30;

    private History() {}

    /** @param state a daemon's directory, in which a life may still write */
    static String endOf(Path state) {
        Deque<String> lines = new ArrayDeque<>();
        try (JournalReader reader = JournalReader.open(Daemon.journalDirectory(state), 1)) {
            Names names = Names.NONE;
            for (Option<JournalRecord> record = reader.next(); record.isDefined(); record = reader.next()) {
                Event event = Replay.parse(record.get());
                names = names.with(event);
                EventText text = EventText.of(event, names);
                lines.add("  %d  %s  %s: %s".formatted(event.getSequence(), Instant.ofEpochSecond(0, event.getWallTimeNanos()),
                        text.containerId().orElse(text.sandboxId()).map(EventText::shortId).getOrElse("-"), text.what()));
                if (lines.size() > LINES) {
                    lines.remove();
                }
            }
        } catch (JournalException e) {
            lines.add("  and cannot be read on: " + e.getMessage());
        }
        return "the history ends with\n" + String.join("\n", lines);
    }
}
