package io.cairn.core.engine;

import io.cairn.proto.journal.Event;
import io.vavr.collection.Vector;
import io.vavr.control.Option;

/** The engine's view of the journal. Used by the engine's thread alone. Failures that no caller can mend are thrown unchecked. */
public interface EventLog extends AutoCloseable {
    /**
     * Makes sure that the next events will follow each other in one epoch, by opening a new epoch first if one is due.
     *
     * @param drafts what will be appended next; their final form is at most {@link #STAMP_BYTES_MAX} larger
     * @return the event that opened the new epoch, which is appended already and belongs before them
     */
    Option<Event> prepare(Vector<Event> drafts) throws LogFull;

    /** The sequence the next appended event must carry. */
    long nextSequence();

    long epoch();

    /**
     * Appends events with consecutive sequences from {@link #nextSequence}.
     *
     * @param essential what has happened already and must be recorded: may use space that is kept back for this
     * @throws LogFull when the disk is too full; none of the events was written
     */
    void append(Vector<Event> events, boolean essential) throws LogFull;

    /** Returns when everything appended is on stable storage. */
    void sync();

    /** Hash of the last frame: names the whole history up to it. */
    byte[] head();

    @Override
    void close();

    /** Sequence, epoch, times, ids and the caller's executable path, with room to spare. */
    int STAMP_BYTES_MAX = 8 * 1024;

    /** The journal's file system is below its floor of free space. */
    final class LogFull extends Exception {
        private static final long serialVersionUID = 1L;

        public LogFull(String message) {
            super(message);
        }
    }
}
