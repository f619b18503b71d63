package io.cairn.core.sim;

import io.cairn.core.engine.EventLog;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** A log with a point before and after every append and sync. */
final class CrashingLog implements EventLog {
    private final EventLog log;
    private final Points points;

    CrashingLog(EventLog log, Points points) {
        this.log = log;
        this.points = points;
    }

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
        points.pass("append of " + events.map(Event::getBodyCase).mkString(", ") + " begins");
        log.append(events, essential);
        points.pass("append done");
    }

    @Override
    public void sync() {
        points.pass("sync begins");
        log.sync();
        points.pass("sync done");
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
