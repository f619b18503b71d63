package io.cairn.oci;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A device as the Container Device Interface names it: {@code vendor.com/class=device} (CDI specification, "Kind" and "Devices").
 *
 * @param kind vendor and class
 */
record CdiName(String kind, String device) {
    private static final String KIND = "[A-Za-z]([A-Za-z0-9_.-]{0,126}[A-Za-z0-9])?/[A-Za-z]([A-Za-z0-9_-]{0,126}[A-Za-z0-9])?";
    private static final String DEVICE = "[A-Za-z0-9]([A-Za-z0-9_.:-]{0,126}[A-Za-z0-9])?";
    private static final Pattern QUALIFIED = Pattern.compile("(?<kind>" + KIND + ")=(?<device>" + DEVICE + ")");

    static CdiName parse(String text) throws Refused {
        Matcher match = QUALIFIED.matcher(text);
        if (!match.matches()) {
            throw Refused.request("Expected the name of a CDI device like vendor.com/class=device, but it is \"%.200s\"", text);
        }
        return new CdiName(match.group("kind"), match.group("device"));
    }

    static boolean isKind(String text) {
        return text.matches(KIND);
    }

    static boolean isDevice(String text) {
        return text.matches(DEVICE);
    }

    @Override
    public String toString() {
        return kind + "=" + device;
    }
}
