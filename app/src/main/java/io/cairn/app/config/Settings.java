package io.cairn.app.config;

import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.LinkedHashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Seq;
import io.vavr.collection.Set;
import io.vavr.control.Option;

/**
 * What the files say, key by key, already checked; a key they do not name has its default. Immutable.
 *
 * @param handlers the runtime handlers the files name, in their order: one may stand there without a key
 */
record Settings(Map<Seq<String>, Entry> entries, Set<String> handlers) {

    /** @param value of the type of the key that stands at this path */
    record Entry(Object value, Origin.Written origin) {}

    static Settings none() {
        return new Settings(LinkedHashMap.empty(), LinkedHashSet.empty());
    }

    /** The settings of a later file win. */
    Settings overriddenBy(Settings later) {
        return new Settings(later.entries.merge(entries), handlers.addAll(later.handlers));
    }

    <T> T get(Key<T> key) {
        return get(key, Key.ANY);
    }

    /** @param any the name that stands for {@link Key#ANY} in a key's section */
    <T> T get(Key<T> key, String any) {
        return written(key, any).getOrElse(() -> key.fallback().apply(this));
    }

    <T> Origin origin(Key<T> key, String any) {
        return entries.get(key.path(any)).<Origin>map(Entry::origin).getOrElse(new Origin.Default());
    }

    /** The loader put the value there by this key's own kind. */
    @SuppressWarnings("unchecked")
    private <T> Option<T> written(Key<T> key, String any) {
        return entries.get(key.path(any)).map(e -> (T) e.value());
    }
}
