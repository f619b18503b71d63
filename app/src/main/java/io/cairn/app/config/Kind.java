package io.cairn.app.config;

import io.vavr.control.Either;

/** The type of a key's value: how it is read from TOML, checked, written back and named to a reader. */
interface Kind<T> {
    /** @param toml a value as tomlj gives it: String, Long, Double, Boolean, a date or time, TomlArray or TomlTable */
    Either<Misfit, T> read(Object toml);

    /** The value as a TOML literal that {@link #read} accepts. */
    String write(T value);

    /** Completes "expected …": the type with its range. */
    String says();
}
