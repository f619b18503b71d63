package io.cairn.app.config;

import io.cairn.app.config.ConfigTable.Section;
import io.vavr.collection.Array;
import io.vavr.collection.Seq;

/** Writes {@link ConfigTable} and settings as configuration files: what is printed can be read again. */
final class ConfigPrinter {
    private static final int COMMENT_WIDTH_MAX = 100;

    private ConfigPrinter() {}

    static String defaults() {
        var out = new StringBuilder("# Every key of cairn's configuration with its default. A key that is commented out follows other"
                + " keys.\n");
        for (Section section : ConfigTable.SECTIONS) {
            out.append('\n');
            comment(out, section.comment());
            header(out, section.isTemplate() ? "# " : "", section.name());
            for (Key<?> key : section.keys()) {
                out.append(section.name().isEmpty() && out.charAt(out.length() - 2) == '\n' ? "" : "\n");
                comment(out, key.comment());
                comment(out, capitalized(key.kind().says()) + ".");
                out.append(section.isTemplate() || key.derived() ? "# " : "")
                        .append(assignment(key, Settings.none(), Key.ANY)).append('\n');
            }
        }
        return out.toString();
    }

    static String effective(Settings settings) {
        var out = new StringBuilder();
        for (Section section : ConfigTable.SECTIONS) {
            for (String any : section.isTemplate() ? settings.handlers() : Array.of(Key.ANY)) {
                out.append(out.isEmpty() ? "" : "\n");
                header(out, "", section.name().replace(Key.ANY, any));
                for (Key<?> key : section.keys()) {
                    out.append(assignment(key, settings, any)).append("  # ").append(settings.origin(key, any).says()).append('\n');
                }
            }
        }
        return out.toString();
    }

    private static <T> String assignment(Key<T> key, Settings settings, String any) {
        return key.name() + " = " + key.kind().write(settings.get(key, any));
    }

    private static void header(StringBuilder out, String prefix, String section) {
        out.append(section.isEmpty() ? "" : prefix + "[" + section + "]\n");
    }

    private static void comment(StringBuilder out, String text) {
        Seq<String> words = text.isEmpty() ? Array.empty() : Array.of(text.split(" "));
        var line = new StringBuilder();
        for (String word : words) {
            if (line.length() + word.length() >= COMMENT_WIDTH_MAX) {
                out.append('#').append(line).append('\n');
                line.setLength(0);
            }
            line.append(' ').append(word);
        }
        out.append(line.isEmpty() ? "" : "#" + line + "\n");
    }

    private static String capitalized(String text) {
        return text.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + text.substring(1);
    }
}
