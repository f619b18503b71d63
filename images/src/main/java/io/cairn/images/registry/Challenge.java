package io.cairn.images.registry;

import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One way to authenticate that a registry offers in WWW-Authenticate (RFC 9110, 11.6.1), several of which may stand in
 * one header.
 *
 * @param scheme in lower case, for example {@code bearer}
 * @param parameters by name in lower case; the first of a name counts
 */
record Challenge(String scheme, Map<String, String> parameters) {
    private static final int MAX_HEADER_CHARS = 8192;
    private static final String TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+";
    private static final Pattern PARAMETER = Pattern.compile("(" + TOKEN + ")\\s*=\\s*(?:\"((?:[^\"\\\\]|\\\\.)*)\"|([^\\s,\"]+))");
    private static final Pattern SCHEME = Pattern.compile("(" + TOKEN + ")(?=\\s|,|$)");

    /** What cannot be understood is passed over: a challenge is an offer, and another one may do. */
    static Vector<Challenge> parse(Iterable<String> headers) {
        Vector<Challenge> found = Vector.empty();
        for (String header : headers) {
            found = found.appendAll(parseOne(header.substring(0, Math.min(header.length(), MAX_HEADER_CHARS))));
        }
        return found;
    }

    private static Vector<Challenge> parseOne(String header) {
        Vector<Challenge> found = Vector.empty();
        Matcher parameter = PARAMETER.matcher(header);
        Matcher scheme = SCHEME.matcher(header);
        int at = 0;
        while (at < header.length()) {
            char c = header.charAt(at);
            if (c == ',' || c == ' ' || c == '\t') {
                at++;
            } else if (parameter.region(at, header.length()).lookingAt() && !found.isEmpty()) {
                found = found.update(found.size() - 1, found.last().with(parameter));
                at = parameter.end();
            } else if (scheme.region(at, header.length()).lookingAt()) {
                found = found.append(new Challenge(scheme.group(1).toLowerCase(Locale.ROOT), HashMap.empty()));
                at = scheme.end();
            } else {
                return found;
            }
        }
        return found;
    }

    private Challenge with(Matcher parameter) {
        String name = parameter.group(1).toLowerCase(Locale.ROOT);
        String value = parameter.group(2) == null ? parameter.group(3) : parameter.group(2).replaceAll("\\\\(.)", "$1");
        return parameters.containsKey(name) ? this : new Challenge(scheme, parameters.put(name, value));
    }

    String parameter(String name) {
        return parameters.getOrElse(name, "");
    }
}
