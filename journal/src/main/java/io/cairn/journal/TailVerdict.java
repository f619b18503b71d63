package io.cairn.journal;

/** How the newest epoch was found to end. */
public sealed interface TailVerdict {

    /**
     * Nothing that can be read back was dropped.
     *
     * @param closed whether it ended by {@link Journal#close} or a roll; false after a crash that left no damage
     */
    record Clean(boolean closed) implements TailVerdict {}

    /**
     * The tail was damaged after the last synced record and is dropped. None of it was ever reported durable.
     *
     * @param recordsSeen records in the dropped bytes that could still be made out; at least as many were lost
     * @param bytes from the first dropped byte to the last that is not zero
     * @param why what is wrong with the first dropped record
     */
    record Cut(long recordsSeen, long bytes, String why) implements TailVerdict {}
}
