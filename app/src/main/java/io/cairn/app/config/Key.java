package io.cairn.app.config;

import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import java.util.function.Function;

/**
 * One key of the configuration.
 *
 * @param section the TOML table the key stands in, dotted; empty at the top; its last part may be {@link #ANY}
 * @param fallback the default, from the other settings
 * @param derived whether the default depends on other keys, so that writing it down would freeze it
 * @param comment what the key does, in sentences, without type and range, which {@link Kind#says} adds
 */
record Key<T>(String section, String name, Kind<T> kind, Function<Settings, T> fallback, boolean derived, String comment) {
    /** Stands for a name the user chooses. */
    static final String ANY = "NAME";

    /** The whole path of the key in a file, with {@code any} in the place of {@link #ANY}. */
    Seq<String> path(String any) {
        Seq<String> parts = section.isEmpty() ? Array.empty() : Array.of(section.split("\\."));
        return parts.map(p -> p.equals(ANY) ? any : p).append(name);
    }
}
