package io.cairn.core.effect;

import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/** One read-write lock per key, kept only while somebody holds or awaits it. Thread-safe. */
final class Locks {
    private final ConcurrentHashMap<String, Entry> entries = new ConcurrentHashMap<>();

    private static final class Entry {
        private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
        private int users;
    }

    /** A lock that is held until closed, by the thread that took it. */
    interface Held extends AutoCloseable {
        @Override
        void close();
    }

    Held exclusive(String key) {
        Entry entry = enter(key);
        return hold(key, entry.lock.writeLock());
    }

    Held shared(String key) {
        Entry entry = enter(key);
        return hold(key, entry.lock.readLock());
    }

    private Entry enter(String key) {
        return entries.compute(key, (k, old) -> {
            Entry used = old == null ? new Entry() : old;
            used.users++;
            return used;
        });
    }

    private Held hold(String key, Lock lock) {
        lock.lock();
        return () -> {
            lock.unlock();
            entries.compute(key, (k, same) -> --same.users == 0 ? null : same);
        };
    }
}
