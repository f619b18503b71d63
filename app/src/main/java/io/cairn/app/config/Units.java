package io.cairn.app.config;

import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import io.vavr.control.Option;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes such as {@code 16MiB} and durations such as {@code 30s} or {@code 1h30m}. Decimal units (MB) are refused: half the
 * world reads them as binary ones.
 */
final class Units {
    static final String SIZES = "B, KiB, MiB, GiB, TiB";
    static final String TIMES = "ms, s, m, h, d";

    /** Largest first, since that is how both are written. */
    private static final Seq<Unit> SIZE_UNITS = Array.of(new Unit("TiB", 1L << 40), new Unit("GiB", 1L << 30),
            new Unit("MiB", 1L << 20), new Unit("KiB", 1L << 10), new Unit("B", 1));
    private static final Seq<Unit> TIME_UNITS = Array.of(new Unit("d", 86_400_000), new Unit("h", 3_600_000),
            new Unit("m", 60_000), new Unit("s", 1000), new Unit("ms", 1));

    private static final Pattern SIZE = Pattern.compile("([0-9]{1,18})(B|[KMGT]iB)");
    /** Nine digits of the largest unit stay far below 2^63 milliseconds. */
    private static final Pattern TIME = Pattern.compile("(?:([0-9]{1,9})d)?(?:([0-9]{1,9})h)?(?:([0-9]{1,9})m)?"
            + "(?:([0-9]{1,9})s)?(?:([0-9]{1,9})ms)?");

    private Units() {}

    private record Unit(String name, long factor) {}

    static Option<Long> parseSize(String text) {
        Matcher match = SIZE.matcher(text);
        if (!match.matches()) {
            return Option.none();
        }
        long number = Long.parseLong(match.group(1));
        return SIZE_UNITS.find(u -> u.name().equals(match.group(2)) && number <= Long.MAX_VALUE / u.factor())
                .map(u -> number * u.factor());
    }

    static Option<Duration> parseDuration(String text) {
        Matcher match = TIME.matcher(text);
        if (text.isEmpty() || !match.matches()) {
            return Option.none();
        }
        long millis = 0;
        for (int i = 0; i < TIME_UNITS.size(); i++) {
            String number = match.group(i + 1);
            millis += number == null ? 0 : Long.parseLong(number) * TIME_UNITS.get(i).factor();
        }
        return Option.of(Duration.ofMillis(millis));
    }

    static String formatSize(long bytes) {
        return SIZE_UNITS.find(u -> bytes >= u.factor() && bytes % u.factor() == 0)
                .map(u -> bytes / u.factor() + u.name()).getOrElse("0B");
    }

    static String formatDuration(Duration duration) {
        long millis = duration.toMillis();
        if (millis == 0) {
            return "0s";
        }
        var out = new StringBuilder();
        for (Unit unit : TIME_UNITS) {
            if (millis >= unit.factor()) {
                out.append(millis / unit.factor()).append(unit.name());
                millis %= unit.factor();
            }
        }
        return out.toString();
    }
}
