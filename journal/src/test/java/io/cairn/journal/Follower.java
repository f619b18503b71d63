package io.cairn.journal;

import io.vavr.control.Option;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;

/** A program that follows a journal another process appends to, and prints the sequence and the hash of each record. */
final class Follower {
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private Follower() {}

    /** @param arguments directory, the sequence to stop at */
    public static void main(String[] arguments) throws Exception {
        long last = Long.parseLong(arguments[1]);
        var out = new PrintStream(System.out, true);
        try (JournalReader reader = JournalReader.open(Path.of(arguments[0]), 1)) {
            out.println("ready");
            for (long sequence = 0; sequence < last; ) {
                Option<JournalRecord> record = reader.next(PATIENCE);
                sequence = record.get().sequence();
                out.println(sequence + " " + record.get().hash());
            }
        }
    }
}
