package io.cairn.journal;

import java.nio.file.Path;

/** A record that was synced, and so may have been acknowledged, is not there any more or not what it was. */
public final class JournalDamaged extends JournalException {
    private static final long serialVersionUID = 1L;

    private final long sequence;
    private final long epoch;

    JournalDamaged(Path directory, long epoch, long sequence, String why) {
        super("Record %d of the journal in %s (epoch %d) is damaged: %s. Run `cairn verify` for the whole picture"
                .formatted(sequence, directory, epoch, why), null);
        this.sequence = sequence;
        this.epoch = epoch;
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
