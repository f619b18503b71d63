package io.cairn.core.cri;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Checks of what clients send. Each throws INVALID_ARGUMENT with the field's name and what was expected. */
final class Valid {
    /** Names end up in file names, log lines and cgroup paths. The kubelet's are DNS labels; other clients' may be a little more. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,252}");
    /** Linux' limit, sethostname(2). */
    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9.-]{0,62}[A-Za-z0-9])?");
    private static final Pattern RANGES = Pattern.compile("(([0-9]{1,3}(\\.[0-9]{1,3}){3}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*)/[0-9]{1,3}(,(?!$)|$))*");
    private static final int RANGES_CHARS_MAX = 1024;
    private static final int PATH_MAX = 4096;

    private Valid() {}

    static String name(String field, String value) {
        require(NAME.matcher(value).matches(), field, "1 to 253 letters, digits, '_', '.' or '-', not beginning with a sign", value);
        return value;
    }

    static void hostname(String field, String value) {
        require(value.isEmpty() || HOSTNAME.matcher(value).matches(), field, "at most 64 letters, digits, '-' or '.'", value);
    }

    /** A path on the host that neither climbs nor hides control characters. */
    static void absolutePath(String field, String value) {
        require(value.startsWith("/") && isPlain(value), field, "an absolute path without \"..\"", value);
    }

    /** The same, as a path that this machine's names can have. */
    static Path path(String field, String value) {
        absolutePath(field, value);
        try {
            return Path.of(value);
        } catch (InvalidPathException e) {
            throw Call.invalid("%s: expected a path, but got \"%s\": %s", field, printable(value), e.getReason());
        }
    }

    static void relativePath(String field, String value) {
        require(!value.isEmpty() && !value.startsWith("/") && isPlain(value), field, "a path below the log directory, without \"..\"", value);
    }

    /** A path in the cgroup hierarchy, or a systemd slice; empty where the runtime may choose. */
    static void cgroup(String field, String value) {
        require(isPlain(value), field, "a cgroup or a slice, without \"..\"", value);
    }

    /** Ranges like {@code 10.88.0.0/16,fd00::/64}, one for each family; empty where the cluster gives none. */
    static String addressRanges(String field, String value) {
        require(value.length() <= RANGES_CHARS_MAX && RANGES.matcher(value).matches(), field, "address ranges like 10.88.0.0/16,fd00::/64",
                value);
        return value;
    }

    static void port(String field, int value) {
        require(value >= 0 && value <= 65535, field, "a port from 0 to 65535", Integer.toString(value));
    }

    static void require(boolean condition, String field, String expected, String value) {
        if (!condition) {
            throw Call.invalid("%s: expected %s, but got \"%s\"", field, expected, printable(value));
        }
    }

    private static boolean isPlain(String path) {
        return path.length() < PATH_MAX && path.chars().noneMatch(c -> c < ' ' || c == 127) && !("/" + path + "/").contains("/../");
    }

    private static String printable(String value) {
        return printable(value, 100);
    }

    /** What a client sent, fit to be shown and logged: cut to a length, without control characters. */
    static String printable(String value, int charsMax) {
        String cut = value.length() > charsMax ? value.substring(0, charsMax) + "…" : value;
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
