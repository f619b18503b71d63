package io.cairn.oci;

import io.vavr.control.Option;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first two numbers of a kernel release: 6.18 of 6.18.4-amd64. */
public record KernelVersion(int major, int minor) {
    private static final Pattern RELEASE = Pattern.compile("([0-9]{1,5})\\.([0-9]{1,5}).*", Pattern.DOTALL);

    public static Option<KernelVersion> parse(String release) {
        Matcher matcher = RELEASE.matcher(release);
        return Option.when(matcher.matches(), matcher)
                .map(m -> new KernelVersion(Integer.parseInt(m.group(1)), Integer.parseInt(m.group(2))));
    }

    public boolean isAtLeast(KernelVersion other) {
        return major > other.major || major == other.major && minor >= other.minor;
    }
}
