package io.cairn.journal;

/**
 * A system call under the journal failed. After a failed append or sync nobody knows what is on the disk: the journal refuses
 * every further append, and the caller must stop the process and recover by opening it again.
 */
public final class JournalFailure extends JournalException {
    private static final long serialVersionUID = 1L;

    JournalFailure(String message, Throwable cause) {
        super(message, cause);
    }
}
