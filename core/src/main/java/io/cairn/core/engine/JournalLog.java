package io.cairn.core.engine;

import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.evolve.Evolver;
import io.cairn.journal.EpochStart;
import io.cairn.journal.Journal;
import io.cairn.journal.JournalDamaged;
import io.cairn.journal.JournalException;
import io.cairn.journal.JournalFailure;
import io.cairn.journal.JournalFull;
import io.cairn.journal.JournalOptions;
import io.cairn.journal.TailVerdict;
import io.cairn.proto.journal.EpochOpened;
import io.cairn.proto.journal.Event;
import com.google.protobuf.ByteString;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;

/** The journal as the engine sees it: events in, frames out. */
public final class JournalLog implements EventLog {
    private final Journal journal;
    private final Deque<Event> opened;
    private long epoch;

    private JournalLog(Journal journal, Deque<Event> opened) {
        this.journal = journal;
        this.opened = opened;
        this.epoch = opened.getLast().getEpoch();
        opened.clear();
    }

    /**
     * Opens the journal and begins an epoch in it.
     *
     * @param bootId see /proc/sys/kernel/random/boot_id, random(4)
     */
    public static JournalLog open(Path directory, JournalOptions options, Clock clock, String bootId, String version)
            throws JournalDamaged, JournalFull, JournalFailure {
        var opened = new ArrayDeque<Event>();
        Journal journal = Journal.open(directory, options, start -> {
            opened.add(openedEvent(start, clock, bootId, version));
            return opened.getLast().toByteArray();
        });
        return new JournalLog(journal, opened);
    }

    public Journal journal() {
        return journal;
    }

    @Override
    public Option<Event> prepare(Vector<Event> drafts) throws LogFull {
        int largest = drafts.map(Event::getSerializedSize).max().getOrElse(0) + STAMP_BYTES_MAX;
        try {
            journal.prepare(drafts.size(), Math.min(largest, JournalOptions.MAX_PAYLOAD_BYTES));
        } catch (JournalFull e) {
            throw new LogFull(e.getMessage());
        } catch (JournalFailure e) {
            throw fatal(e);
        }
        Option<Event> event = Option.of(opened.poll());
        event.forEach(e -> epoch = e.getEpoch());
        return event;
    }

    @Override
    public long nextSequence() {
        return journal.head().sequence() + 1;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    /** Every command leads to one event today; the journal has no way yet to take back the first of two. */
    @Override
    public void append(Vector<Event> events, boolean essential) throws LogFull {
        Event event = events.single();
        byte[] payload = event.toByteArray();
        try {
            long sequence = essential ? journal.appendEssential(payload) : journal.append(payload);
            InvariantViolation.require(sequence == event.getSequence(), "Event %d was appended as record %d", event.getSequence(), sequence);
        } catch (JournalFull e) {
            throw new LogFull(e.getMessage());
        } catch (JournalFailure e) {
            throw fatal(e);
        }
    }

    @Override
    public void sync() {
        try {
            journal.sync();
        } catch (JournalFailure e) {
            throw fatal(e);
        }
    }

    @Override
    public byte[] head() {
        return journal.head().hash().bytes();
    }

    @Override
    public void close() {
        try {
            journal.close();
        } catch (JournalFailure e) {
            throw fatal(e);
        }
    }

    private static UncheckedIOException fatal(JournalException e) {
        return new UncheckedIOException(new IOException(e.getMessage(), e));
    }

    private static Event openedEvent(EpochStart start, Clock clock, String bootId, String version) {
        var body = EpochOpened.newBuilder().setEpoch(start.epoch()).setPreviousLastSequence(start.previous().sequence())
                .setPreviousHead(ByteString.copyFrom(start.previous().hash().bytes())).setBootId(bootId).setCairnVersion(version);
        switch (start.tail()) {
            case TailVerdict.Clean clean -> body.setPreviousTail(clean.closed() ? "closed" : "not closed, nothing lost");
            case TailVerdict.Cut cut -> body.setPreviousTail("cut: " + cut.why()).setPreviousTailCutBytes(cut.bytes());
        }
        return Event.newBuilder().setSequence(start.sequence()).setEpoch(start.epoch()).setVersion(Evolver.VERSION)
                .setWallTimeNanos(clock.wallNanos()).setMonotonicNanos(clock.monotonicNanos()).setEpochOpened(body).build();
    }
}
