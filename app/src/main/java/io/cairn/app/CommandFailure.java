package io.cairn.app;

import io.vavr.collection.Array;
import io.vavr.collection.Seq;

/** A command could not do what it was asked to; each line tells one problem to its user. Ends with exit code 1. */
final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1;

    private final transient Seq<String> lines;

    CommandFailure(String line) {
        this(Array.of(line));
    }

    CommandFailure(Seq<String> lines) {
        super(lines.mkString("; "));
        this.lines = lines;
    }

    Seq<String> lines() {
        return lines;
    }
}
