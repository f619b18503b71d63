package io.cairn.app.config;

/** Text from a file made fit for one line of a terminal: a configuration file must not be able to send control codes. */
public final class OneLine {
    private OneLine() {}

    public static String of(String text) {
        var out = new StringBuilder(text.length());
        text.codePoints().forEach(c -> append(out, c));
        return out.toString();
    }

    private static void append(StringBuilder out, int codePoint) {
        switch (codePoint) {
            case '\n' -> out.append("\\n");
            case '\r' -> out.append("\\r");
            case '\t' -> out.append("\\t");
            default -> {
                if (printable(codePoint)) {
                    out.appendCodePoint(codePoint);
                } else {
                    out.append("\\u%04X".formatted(codePoint));
                }
            }
        }
    }

    /** Format characters too: the ones that turn the direction of writing make a line read as something else. */
    private static boolean printable(int codePoint) {
        int type = Character.getType(codePoint);
        return type != Character.CONTROL && type != Character.FORMAT && type != Character.SURROGATE
                && type != Character.LINE_SEPARATOR && type != Character.PARAGRAPH_SEPARATOR;
    }
}
