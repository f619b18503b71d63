package io.cairn.app;

import io.vavr.collection.Vector;
import org.apache.commons.cli.Option;

/** One of cairn's commands. Immutable. */
interface Command {
    /** The words that call it, as {@code config show}. */
    String words();

    /** What it does, in a sentence. */
    String description();

    /** What it may be given, beside what every command may. */
    default Vector<Option> options() {
        return Vector.empty();
    }

    /** What its exit codes say, each with its number first. */
    default Vector<String> exitCodes() {
        return Cairn.EXIT_CODES;
    }

    /**
     * Does it.
     *
     * @return the exit code
     * @throws org.apache.commons.cli.ParseException if it was given what it does not understand
     * @throws Exception if it fails; its message is for the operator
     */
    int run(Invocation invocation) throws Exception;
}
