package io.cairn.core.recovery;

import io.cairn.journal.JournalException;
import io.cairn.journal.JournalReader;
import io.cairn.journal.JournalRecord;
import io.cairn.proto.journal.Event;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * The events of a journal in order. Reading, checking and parsing happen on a thread of their own, ahead of whoever applies them, so
 * that a long replay has two processors.
 */
final class ReadAhead implements AutoCloseable {
    private static final int GROUP = 128;
    private static final int GROUPS_AHEAD = 4;
    /** A group is full with this, so that no payloads of 16 MiB are piled up. */
    private static final long GROUP_BYTES = 1 << 20;

    private final Path journal;
    private final long from;
    private final BlockingQueue<List<Parsed>> groups = new ArrayBlockingQueue<>(GROUPS_AHEAD);
    private final Thread thread;
    private volatile boolean closed;
    private Throwable failure;

    /** @param head hash of the event's frame */
    record Parsed(Event event, byte[] head) {}

    private ReadAhead(Path journal, long from) {
        this.journal = journal;
        this.from = from;
        this.thread = Thread.ofPlatform().name("cairn-read-ahead").daemon().unstarted(this::run);
    }

    /** @param from the first sequence that is wanted */
    static ReadAhead of(Path journal, long from) {
        var reader = new ReadAhead(journal, from);
        reader.thread.start();
        return reader;
    }

    /**
     * The next events, at least one; none at the end of the journal.
     *
     * @throws io.cairn.core.domain.InvariantViolation if a record holds no event
     */
    List<Parsed> next() throws JournalException {
        List<Parsed> group = take();
        if (group.isEmpty()) {
            switch (failure) {
                case null -> { }
                case JournalException damage -> throw damage;
                case RuntimeException bad -> throw bad;
                default -> throw new IllegalStateException(failure);
            }
        }
        return group;
    }

    private List<Parsed> take() {
        try {
            return groups.take();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the journal was read", e);
        }
    }

    private void run() {
        try {
            try (JournalReader reader = JournalReader.open(journal, from)) {
                read(reader);
            } catch (JournalException | RuntimeException e) {
                failure = e;
            }
            groups.put(List.of());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void read(JournalReader reader) throws JournalException, InterruptedException {
        var group = new ArrayList<Parsed>(GROUP);
        long bytes = 0;
        try {
            for (Option<JournalRecord> next = reader.next(); next.isDefined() && !closed; next = reader.next()) {
                group.add(new Parsed(Replay.parse(next.get()), next.get().hash().bytes()));
                bytes += next.get().payload().length;
                if (group.size() == GROUP || bytes >= GROUP_BYTES) {
                    groups.put(group);
                    group = new ArrayList<>(GROUP);
                    bytes = 0;
                }
            }
        } finally {
            if (!group.isEmpty()) {
                groups.put(group);
            }
        }
    }

    /** Ends the thread, wherever it is. */
    @Override
    public void close() {
        closed = true;
        while (thread.isAlive()) {
            groups.clear();
            try {
                thread.join(1);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }
}
