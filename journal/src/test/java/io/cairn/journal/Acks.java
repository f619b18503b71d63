package io.cairn.journal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What an {@link Appender} was told is durable, kept outside of its journal, and held to what can be read. */
final class Acks {
    private final TreeMap<Long, Long> seeds = new TreeMap<>();

    /** Takes the lines a child printed; a line that was cut off by its death does not count. */
    void addAll(List<String> lines) {
        for (String line : lines) {
            String[] words = line.split(" ");
            if (words[0].equals("open")) {
                assertThat(Long.parseLong(words[1])).as("head found by the next life").isGreaterThanOrEqualTo(last());
            } else if (words.length == 2 && !words[1].isEmpty()) {
                seeds.put(Long.parseLong(words[0]), Long.parseLong(words[1]));
            }
        }
    }

    int count() {
        return seeds.size();
    }

    long last() {
        return seeds.isEmpty() ? 0 : seeds.lastKey();
    }

    /** As {@link #assertAllIn}, for what retention has left. */
    void assertKeptIn(Path journal) throws Exception {
        assertAllIn(journal, Verifier.verify(journal).oldest().map(Position::sequence).getOrElse(1L));
        assertThat(Verifier.verify(journal).head().map(Position::sequence).getOrElse(0L)).isGreaterThanOrEqualTo(last());
    }

    /** Every record from a sequence on is one the program can have appended, and those it was told of are what it appended. */
    void assertAllIn(Path journal, long from) throws Exception {
        Map<Long, Long> missing = new HashMap<>(seeds.tailMap(from));
        try (JournalReader reader = JournalReader.open(journal, from)) {
            reader.forEachRemaining(record -> {
                assertThat(Appender.isGenuine(record)).as("record %d", record.sequence()).isTrue();
                if (missing.containsKey(record.sequence())) {
                    assertThat(Appender.seedOf(record)).isEqualTo(missing.remove(record.sequence()));
                }
            });
        }
        assertThat(missing).as("acknowledged, but not there").isEmpty();
    }
}
