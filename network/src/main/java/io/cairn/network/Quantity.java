package io.cairn.network;

import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Either;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.regex.Pattern;

/** A Kubernetes resource quantity, rounded up to a whole number as Kubernetes does (apimachinery, pkg/api/resource). */
final class Quantity {
    private static final int CHARS_MAX = 40;
    private static final Pattern FORM = Pattern.compile(
            "\\+?([0-9]+(?:\\.[0-9]*)?|\\.[0-9]+)(?:([numkMGTPE]|[KMGTPE]i)|[eE]([+-]?[0-9]{1,2}))?");
    private static final Map<String, BigDecimal> FACTORS = HashMap.ofEntries(
            HashMap.of("n", -9, "u", -6, "m", -3, "k", 3, "M", 6, "G", 9, "T", 12, "P", 15, "E", 18)
                    .mapValues(BigDecimal.ONE::scaleByPowerOfTen)
                    .merge(HashMap.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40, "Pi", 50, "Ei", 60)
                            .mapValues(bits -> BigDecimal.valueOf(1L << bits))));

    private Quantity() {}

    static Either<String, Long> parse(String text) {
        var match = FORM.matcher(text);
        if (text.length() > CHARS_MAX || !match.matches()) {
            return Either.left("expected a quantity like 10M, but got " + Text.quote(text));
        }
        var value = new BigDecimal(match.group(1));
        if (match.group(2) != null) {
            value = value.multiply(FACTORS.get(match.group(2)).get());
        } else if (match.group(3) != null) {
            value = value.scaleByPowerOfTen(Integer.parseInt(match.group(3)));
        }
        var whole = value.setScale(0, RoundingMode.CEILING);
        return whole.unscaledValue().bitLength() > 62
                ? Either.left("expected less than 2^62, but got " + Text.quote(text))
                : Either.right(whole.longValueExact());
    }
}
