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
        if (contains(name, 0)) {
            throw new IllegalArgumentException("Expected a name without NUL, but got " + shown(name));
        }
        return Arrays.copyOf(name, name.length + 1);
    }

    /** One component, which no kernel call can walk through: neither empty, nor a dot entry, nor with a slash. */
    static byte[] component(byte[] name) {
        boolean dots = name.length == 0 || (name[0] == '.' && (name.length == 1 || (name.length == 2 && name[1] == '.')));
        if (dots || contains(name, '/')) {
            throw new IllegalArgumentException("Expected one path component, but got '" + shown(name) + "'");
        }
        return terminated(name);
    }

    private static boolean contains(byte[] name, int wanted) {
        for (byte b : name) {
            if (b == wanted) {
                return true;
            }
        }
        return false;
    }

    static String shown(byte[] name) {
        char[] text = new String(name, StandardCharsets.UTF_8).toCharArray();
        for (int i = 0; i < text.length; i++) {
            text[i] = Character.isISOControl(text[i]) ? '?' : text[i];
        }
        return new String(text);
    }
}
