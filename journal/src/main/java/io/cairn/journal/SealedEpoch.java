package io.cairn.journal;

import java.time.Instant;

/**
 * An epoch that is not appended to any more.
 *
 * @param number from 1
 * @param last its last record
 * @param bytes it takes on the disk
 * @param closedAt by the time stamp of its file
 */
public record SealedEpoch(long number, Position last, long bytes, Instant closedAt) {}
