package io.cairn.journal;

/**
 * What is known when an epoch begins: the facts for its first record.
 *
 * @param epoch number of the new epoch, from 1
 * @param sequence sequence the first record of the epoch will have
 * @param previous last valid record before it; {@link Position#START} for the first epoch ever
 * @param tail how the epoch before it ended
 */
public record EpochStart(long epoch, long sequence, Position previous, TailVerdict tail) {}
