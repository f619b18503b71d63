package io.cairn.journal;

/**
 * A point in the chain: a record and everything before it.
 *
 * @param sequence number of the record, from 1; 0 before the first
 * @param hash SHA-256 of its frame; {@link Hash#ZERO} before the first
 */
public record Position(long sequence, Hash hash) {
    /** Before the first record ever. */
    public static final Position START = new Position(0, Hash.ZERO);
}
