package io.cairn.journal;

/**
 * Builds the payload of the first record of an epoch. Called by {@link Journal#open} and again, on the appending thread and
 * within {@link Journal#append}, each time the epoch is rolled by size: a caller that keeps a state from its records applies
 * this one too, before the one it is appending.
 */
@FunctionalInterface
public interface EpochRecord {
    byte[] payload(EpochStart start);
}
