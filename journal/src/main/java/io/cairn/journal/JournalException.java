package io.cairn.journal;

/** Why a journal did not do what it was asked. */
public abstract sealed class JournalException extends Exception permits JournalFull, JournalFailure, JournalDamaged {
    private static final long serialVersionUID = 1L;

    JournalException(String message, Throwable cause) {
        super(message, cause);
    }
}
