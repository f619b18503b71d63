package io.cairn.network;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/** One lock per key, kept only while somebody holds or awaits it. Thread-safe. */
final class KeyedLocks<K> {
    private final ConcurrentHashMap<K, Entry> entries = new ConcurrentHashMap<>();

    private static final class Entry {
        private final ReentrantLock lock = new ReentrantLock();
        private int users;
    }

    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Held lock(K key) {
        Entry entry = entries.compute(key, (k, old) -> {
            Entry used = old == null ? new Entry() : old;
            used.users++;
            return used;
        });
        entry.lock.lock();
        return () -> {
            entry.lock.unlock();
            entries.compute(key, (k, same) -> --same.users == 0 ? null : same);
        };
    }

    int size() {
        return entries.size();
    }
}
