package io.cairn.core.engine;

import io.cairn.core.metrics.Metrics;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** An event log whose syncs are timed. */
public record MeteredLog(EventLog log, Metrics metrics, Clock clock) implements EventLog {
    @Override
    public Option<Event> prepare(Vector<Event> drafts) throws LogFull {
        return log.prepare(drafts);
    }

    @Override
    public long nextSequence() {
        return log.nextSequence();
    }

    @Override
    public long epoch() {
        return log.epoch();
    }

    @Override
    public void append(Vector<Event> events, boolean essential) throws LogFull {
        log.append(events, essential);
    }

    @Override
    public void sync() {
        long begun = clock.monotonicNanos();
        log.sync();
        metrics.journalSynced(clock.monotonicNanos() - begun);
    }

    @Override
    public byte[] head() {
        return log.head();
    }

    @Override
    public void close() {
        log.close();
    }
}
