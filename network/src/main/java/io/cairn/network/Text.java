package io.cairn.network;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** Foreign text in our own messages: bounded, on one line, without control characters. */
final class Text {
    private static final int CHARS_MAX = 300;

    private Text() {}

    static String quote(String foreign) {
        return '"' + clean(foreign, CHARS_MAX) + '"';
    }

    static String clean(String foreign, int charsMax) {
        var text = new StringBuilder();
        for (int i = 0; i < foreign.length() && text.length() < charsMax; i++) {
            char c = foreign.charAt(i);
            text.append(Character.isISOControl(c) ? ' ' : c);
        }
        return text.toString().strip() + (foreign.length() > charsMax ? "..." : "");
    }

    /** The JDK's file exceptions carry only the path as their message. */
    static String reason(Exception e) {
        return switch (e) {
            case NoSuchFileException gone -> "no such file";
            case AccessDeniedException denied -> "permission denied";
            case FileSystemException other when other.getReason() != null -> other.getReason();
            case Exception other -> String.valueOf(other.getMessage());
        };
    }
}
