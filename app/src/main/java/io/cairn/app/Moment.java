package io.cairn.app;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A moment as an operator writes it: an instant, or how long ago. */
final class Moment {
    private static final Pattern AGO = Pattern.compile("([0-9]{1,9})(s|m|h|d)");

    private Moment() {}

    /**
     * @param option as which it was written, for the refusal
     * @return nanoseconds since 1970-01-01 UTC
     */
    static long parse(String option, String text, Instant now) throws CommandFailure {
        Matcher ago = AGO.matcher(text);
        try {
            Instant moment = ago.matches() ? now.minus(Duration.of(Long.parseLong(ago.group(1)), unit(ago.group(2)))) : Instant.parse(text);
            return ChronoUnit.NANOS.between(Instant.EPOCH, moment);
        } catch (DateTimeParseException | ArithmeticException e) {
            throw new CommandFailure("%s: expected a time like 2026-11-22T10:00:00Z or an age like 30s, 5m, 2h, 1d, but got \"%s\""
                    .formatted(option, text));
        }
    }

    private static ChronoUnit unit(String letter) {
        return switch (letter) {
            case "s" -> ChronoUnit.SECONDS;
            case "m" -> ChronoUnit.MINUTES;
            case "h" -> ChronoUnit.HOURS;
            default -> ChronoUnit.DAYS;
        };
    }
}
