package io.cairn.app.config;

import io.vavr.control.Option;

/** Why a value is refused; {@code index} points into an array when only one element of it is at fault. */
record Misfit(Option<Integer> index, String message) {

    static Misfit expected(String expected, Object found) {
        return new Misfit(Option.none(), "expected " + expected + ", but found " + Found.describe(found));
    }

    Misfit hint(Option<String> meant) {
        return new Misfit(index, message + meant.map(m -> "; did you mean \"" + m + "\"?").getOrElse(""));
    }

    Misfit at(int position) {
        return new Misfit(Option.of(position), message);
    }
}
