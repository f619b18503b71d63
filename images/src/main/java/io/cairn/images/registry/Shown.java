package io.cairn.images.registry;

/** Puts what others wrote into a message: bounded, on one line, nothing a terminal would act on. */
public final class Shown {
    private Shown() {}

    public static String text(String text, int maxChars) {
        String line = text.length() > maxChars ? text.substring(0, maxChars) + "…" : text;
        return line.replaceAll("[\\p{Cntrl}\\p{Cf}\\u2028\\u2029]", "?");
    }
}
