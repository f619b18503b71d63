/**
 * The journal: an append-only, checksummed, hash-chained, synced record log on Chronicle Queue. It knows bytes, not CRI.
 *
 * <p>Start at {@link io.cairn.journal.Journal}. {@code Frame} draws the record, {@code EpochFiles} the directory, {@code
 * Recovery} tells what happens after a crash, {@code EpochWalk} what counts as damage.
 */
package io.cairn.journal;
