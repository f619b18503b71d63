package io.cairn.core.cri;

import com.google.protobuf.MessageLite;
import io.vavr.collection.Iterator;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** Puts entries together to messages of a bounded size, as they are asked for: a list of any length takes the memory of one message. */
final class Chunks {
    static final int ENTRIES_MAX = 100;
    /** A client takes messages of 4 MiB if it says nothing else; one entry may be as large as the request that made it. */
    static final int BYTES_MAX = 1 << 20;

    private Chunks() {}

    /** No entries make no message. */
    static <T extends MessageLite, R> Source<R> of(Iterator<T> entries, Function<List<T>, R> message) {
        return Source.of(Iterator.continually(() -> take(entries)).takeWhile(chunk -> !chunk.isEmpty()).map(message));
    }

    private static <T extends MessageLite> List<T> take(Iterator<T> entries) {
        var chunk = new ArrayList<T>();
        for (int bytes = 0; entries.hasNext() && chunk.size() < ENTRIES_MAX && bytes < BYTES_MAX; ) {
            T entry = entries.next();
            bytes += entry.getSerializedSize();
            chunk.add(entry);
        }
        return chunk;
    }
}
