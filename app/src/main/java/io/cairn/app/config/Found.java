package io.cairn.app.config;

import java.time.temporal.Temporal;
import org.tomlj.TomlArray;
import org.tomlj.TomlTable;

/** Names a TOML value in an error message. */
final class Found {
    private static final int SHOWN_MAX = 60;

    private Found() {}

    static String describe(Object value) {
        return switch (value) {
            case String text -> "the string \"" + shortened(text) + "\"";
            case Long number -> "the number " + number;
            case Double number -> "the fraction " + number;
            case Boolean truth -> "the boolean " + truth;
            case TomlArray array -> "an array of " + array.size() + (array.size() == 1 ? " value" : " values");
            case TomlTable _ -> "a table";
            case Temporal time -> "the date or time " + time;
            default -> throw new IllegalStateException("Expected a value of TOML, but got a " + value.getClass().getName());
        };
    }

    private static String shortened(String text) {
        return text.length() <= SHOWN_MAX ? text : text.substring(0, SHOWN_MAX) + "…";
    }
}
