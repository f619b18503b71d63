package io.cairn.core.engine;

import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;

/** The engine's view of the journal. Used by the engine's thread alone. */
public interface EventLog extends AutoCloseable {
    /** The sequence the next appended event will get. May open a new epoch first, so ask for every group of events anew. */
    long nextSequence() throws LogFull;

    /** The epoch the next appended event will belong to. */
    long epoch();

    /**
     * Appends all or none.
     *
     * @param events with consecutive sequences from {@link #nextSequence()}
     * @throws LogFull when the disk is too full; nothing was written
     */
    void append(Vector<Event> events) throws LogFull;

    /** Returns when everything appended is on stable storage. A failure is fatal and is thrown unchecked. */
    void sync();

    /** Hash of the last frame: names the whole history up to it. */
    byte[] head();

    @Override
    void close();

    /** The journal's file system is below its floor of free space. */
    final class LogFull extends Exception {
        private static final long serialVersionUID = 1L;

        public LogFull(String message) {
            super(message);
        }
    }
}
