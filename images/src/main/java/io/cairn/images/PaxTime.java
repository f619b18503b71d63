package io.cairn.images;

import java.math.BigDecimal;
import java.math.RoundingMode;

/** A time as PAX writes it: decimal seconds since 1970, with a fraction, perhaps negative. Nanos are 0..999999999. */
record PaxTime(long seconds, int nanos) {
    private static final int NANOS = 1_000_000_000;

    static PaxTime parse(String text) throws BadLayerException {
        if (!text.matches("-?[0-9]{1,18}(\\.[0-9]{0,32})?")) {
            throw new BadLayerException("Expected a time in seconds in a PAX header, but found '" + RawPath.shown(text) + "'");
        }
        BigDecimal time = new BigDecimal(text.endsWith(".") ? text + "0" : text);
        BigDecimal whole = time.setScale(0, RoundingMode.FLOOR);
        return new PaxTime(whole.longValueExact(), time.subtract(whole).multiply(BigDecimal.valueOf(NANOS)).intValue());
    }
}
