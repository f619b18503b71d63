package io.cairn.network;

import io.vavr.collection.Array;
import io.vavr.control.Option;

/** The versions of the CNI spec spoken here, in their order. Older ones have another result format and no plugin chains. */
enum CniVersion {
    V0_3_0("0.3.0"),
    V0_3_1("0.3.1"),
    V0_4_0("0.4.0"),
    V1_0_0("1.0.0"),
    V1_1_0("1.1.0");

    private final String text;

    CniVersion(String text) {
        this.text = text;
    }

    String text() {
        return text;
    }

    boolean atLeast(CniVersion other) {
        return compareTo(other) >= 0;
    }

    static Option<CniVersion> of(String text) {
        return Array.of(values()).find(v -> v.text.equals(text));
    }

    static String all() {
        return Array.of(values()).map(CniVersion::text).mkString(", ");
    }
}
