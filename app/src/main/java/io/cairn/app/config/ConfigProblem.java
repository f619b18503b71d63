package io.cairn.app.config;

import java.nio.file.Path;

/**
 * One thing that is wrong with the configuration. {@link #toString} is one line of the form compilers use, so that editors
 * can jump to it.
 *
 * @param line counted from 1; 0 when the problem is the file itself
 * @param column counted from 1, in characters; 0 when the problem is the file itself
 */
public record ConfigProblem(Path file, int line, int column, String message) {

    /** A key can be as long as the file that holds it. */
    private static final int MESSAGE_MAX = 1000;

    public ConfigProblem {
        message = message.length() <= MESSAGE_MAX ? message : message.substring(0, MESSAGE_MAX) + "…";
    }

    static ConfigProblem ofFile(Path file, String message) {
        return new ConfigProblem(file, 0, 0, message);
    }

    @Override
    public String toString() {
        String place = line == 0 ? OneLine.of(file.toString()) : OneLine.of(file.toString()) + ":" + line + ":" + column;
        return place + ": " + OneLine.of(message);
    }
}
