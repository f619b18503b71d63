package io.cairn.journal;

/** Takes records in order, each checked against the chain before it is handed over. */
@FunctionalInterface
public interface RecordHandler {
    void accept(JournalRecord record);
}
