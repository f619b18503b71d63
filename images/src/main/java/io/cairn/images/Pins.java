package io.cairn.images;

import io.cairn.images.registry.Digest;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * What is in use by calls that are under way, so that a sweep leaves it alone though nothing on disk refers to it yet.
 * Thread-safe.
 */
final class Pins {
    private final Map<Digest, Integer> counts = new HashMap<>();

    /** A hold on some digests, until it is closed. */
    final class Pin implements AutoCloseable {
        private final Set<Digest> held = new HashSet<>();

        void add(Iterable<Digest> digests) {
            synchronized (Pins.this) {
                for (Digest digest : digests) {
                    if (held.add(digest)) {
                        counts.merge(digest, 1, Integer::sum);
                    }
                }
            }
        }

        @Override
        public void close() {
            synchronized (Pins.this) {
                held.forEach(digest -> counts.computeIfPresent(digest, (key, count) -> count == 1 ? null : count - 1));
                held.clear();
            }
        }
    }

    Pin hold() {
        return new Pin();
    }

    /** Work that must not see pins come or go. */
    @FunctionalInterface
    interface Work<T, E extends Exception> {
        T run(Set<Digest> pinned) throws E;
    }

    synchronized <T, E extends Exception> T frozen(Work<T, E> work) throws E {
        return work.run(Set.copyOf(counts.keySet()));
    }
}
