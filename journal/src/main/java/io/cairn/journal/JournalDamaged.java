package io.cairn.journal;

import java.nio.file.Path;

/** A record that was synced, and so may have been acknowledged, is not there any more or not what it was. */
public final class JournalDamaged extends JournalException {
    private static final long serialVersionUID = 1L;

    private final String what;
    private final long sequence;
    private final long epoch;

    JournalDamaged(Path directory, long epoch, long sequence, String why) {
        super(what(directory, epoch, sequence, why) + ". Run `cairn verify` for the whole picture", null);
        this.what = what(directory, epoch, sequence, why);
        this.sequence = sequence;
        this.epoch = epoch;
    }

    private static String what(Path directory, long epoch, long sequence, String why) {
        return "Record %d of the journal in %s (epoch %d) is damaged: %s".formatted(sequence, directory, epoch, why);
    }

    /** The message without the advice, for whoever gives another. */
    public String what() {
        return what;
    }

    /** The first record that is missing or wrong. */
    public long sequence() {
        return sequence;
    }

    /** The epoch it belongs to. */
    public long epoch() {
        return epoch;
    }
}
