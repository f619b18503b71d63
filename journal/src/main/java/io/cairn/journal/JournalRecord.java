package io.cairn.journal;

/**
 * One record as it was appended. The payload is not copied: whoever gets the record owns it.
 *
 * @param sequence from 1, without a gap
 * @param epoch number of the epoch it lies in, from 1
 * @param hash SHA-256 of its frame, which the next record names
 */
public record JournalRecord(long sequence, long epoch, Hash hash, byte[] payload) {
    public Position position() {
        return new Position(sequence, hash);
    }
}
