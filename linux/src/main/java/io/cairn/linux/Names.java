package io.cairn.linux;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** File names as the kernel takes them: bytes that end with NUL. */
final class Names {
    static final byte[] EMPTY = {0};

    private Names() {}

    static byte[] terminated(String text) {
        return terminated(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] terminated(byte[] name) {
        for (byte b : name) {
            if (b == 0) {
                throw new IllegalArgumentException("Expected a name without NUL, but got " + shown(name));
            }
        }
        return Arrays.copyOf(name, name.length + 1);
    }

    /** One component, which no kernel call can walk through: neither empty, nor a dot entry, nor with a slash. */
    static byte[] component(byte[] name) {
        boolean dots = name.length <= 2 && new String(name, StandardCharsets.ISO_8859_1).matches("\\.{0,2}");
        if (dots || new String(name, StandardCharsets.ISO_8859_1).indexOf('/') >= 0) {
            throw new IllegalArgumentException("Expected one path component, but got '" + shown(name) + "'");
        }
        return terminated(name);
    }

    static String shown(byte[] name) {
        return new String(name, StandardCharsets.UTF_8).replaceAll("\\p{Cntrl}", "?");
    }
}
