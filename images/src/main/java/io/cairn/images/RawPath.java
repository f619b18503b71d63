package io.cairn.images;

import io.cairn.images.registry.Shown;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Paths inside a layer. A file name is bytes and need not be text, so it is kept as a string of one char per byte
 * (ISO 8859-1), which loses nothing and can be split and compared.
 */
final class RawPath {
    private RawPath() {}

    static byte[] bytes(String raw) {
        return raw.getBytes(StandardCharsets.ISO_8859_1);
    }

    static byte[] bytes(List<String> parts) {
        return bytes(String.join("/", parts));
    }

    static String raw(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    /** For messages: as UTF-8, which it nearly always is. */
    static String shown(String raw) {
        return Shown.text(new String(bytes(raw), StandardCharsets.UTF_8), 300);
    }

    /** The components of a path, without empty ones and dots; ".." stays in for the caller to judge. */
    static List<String> split(String raw) {
        var parts = new ArrayList<String>();
        for (String part : raw.split("/")) {
            if (!part.isEmpty() && !part.equals(".")) {
                parts.add(part);
            }
        }
        return parts;
    }

    static List<String> join(List<String> parts, String name) {
        var joined = new ArrayList<>(parts);
        joined.add(name);
        return joined;
    }
}
