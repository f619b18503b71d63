package io.cairn.core.engine;

import io.cairn.proto.journal.EpochOpened;
import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;

/** A log in memory that tells what happened to it in which order, can be held in a sync, be full, break, or roll. */
final class FakeLog implements EventLog, Projector {
    final List<Event> events = new ArrayList<>();
    final List<String> story = new ArrayList<>();
    final Semaphore syncsAllowed = new Semaphore(1 << 20);
    final Semaphore syncsBegun = new Semaphore(0);
    volatile boolean full;
    volatile boolean fullForEssential;
    volatile boolean syncBreaks;
    volatile boolean projectionBreaks;
    volatile boolean rolls;
    volatile boolean closed;
    private volatile long synced;
    private long epoch = 1;

    @Override
    public synchronized Option<Event> prepare(Vector<Event> drafts) {
        if (!rolls) {
            return Option.none();
        }
        rolls = false;
        epoch++;
        Event opened = Event.newBuilder().setSequence(nextSequence()).setEpoch(epoch).setVersion(1)
                .setEpochOpened(EpochOpened.newBuilder().setEpoch(epoch).setBootId("boot-1")).build();
        events.add(opened);
        story.add("roll");
        return Option.some(opened);
    }

    @Override
    public synchronized long nextSequence() {
        return events.size() + 1;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public synchronized void append(Vector<Event> added, boolean essential) throws LogFull {
        if (full && (!essential || fullForEssential)) {
            throw new LogFull("Expected room for the journal in /fake, but 4096 bytes are missing");
        }
        added.forEach(events::add);
        story.add("append");
    }

    @Override
    public void sync() {
        syncsBegun.release();
        syncsAllowed.acquireUninterruptibly();
        if (syncBreaks) {
            throw new IllegalStateException("fsync: input/output error");
        }
        synchronized (this) {
            synced = events.size();
            story.add("sync");
        }
    }

    @Override
    public synchronized byte[] head() {
        return new byte[] {(byte) events.size()};
    }

    @Override
    public synchronized void apply(Vector<io.cairn.core.evolve.Step> steps, byte[] head) {
        if (projectionBreaks) {
            throw new IllegalStateException("the projection could not be written");
        }
        story.add("apply " + steps.map(step -> step.event().getSequence()).mkString(","));
    }

    /** Sequence of the last event on stable storage. */
    long synced() {
        return synced;
    }

    synchronized long syncs() {
        return story.stream().filter("sync"::equals).count();
    }

    synchronized List<String> story() {
        return List.copyOf(story);
    }

    synchronized List<Event> events() {
        return List.copyOf(events);
    }

    @Override
    public synchronized void close() {
        closed = true;
        story.add("close");
    }
}
