package io.cairn.driver.docker.engine;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A version of the engine's API, such as 1.41. */
public record ApiVersion(int major, int minor) implements Comparable<ApiVersion> {
    /** That of engine 20.10: older ones know no cgroup v2. */
    public static final ApiVersion OLDEST = new ApiVersion(1, 41);
    /** The newest this driver was written for; every engine to this day speaks it. */
    public static final ApiVersion NEWEST = new ApiVersion(1, 44);

    private static final Pattern FORM = Pattern.compile("([0-9]{1,4})\\.([0-9]{1,4})");

    /** @throws IllegalArgumentException when it is none */
    static ApiVersion parse(String text) {
        Matcher match = FORM.matcher(text);
        if (!match.matches()) {
            throw new IllegalArgumentException("Expected a version such as 1.41, but it is \"%s\"".formatted(text));
        }
        return new ApiVersion(Integer.parseInt(match.group(1)), Integer.parseInt(match.group(2)));
    }

    public boolean isAtLeast(int otherMajor, int otherMinor) {
        return compareTo(new ApiVersion(otherMajor, otherMinor)) >= 0;
    }

    @Override
    public int compareTo(ApiVersion other) {
        return major == other.major ? Integer.compare(minor, other.minor) : Integer.compare(major, other.major);
    }

    @Override
    public String toString() {
        return major + "." + minor;
    }
}
