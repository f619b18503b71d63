package io.cairn.journal;

/**
 * What {@link Journal#open} found before it opened a new epoch.
 *
 * @param head last valid record; {@link Position#START} in an empty directory
 * @param tail how the newest epoch ended
 * @param oldestSequence first record kept; 1 in an empty directory
 * @param epochs how many epochs were there
 */
public record Recovered(Position head, TailVerdict tail, long oldestSequence, int epochs) {}
