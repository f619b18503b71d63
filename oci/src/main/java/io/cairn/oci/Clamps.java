package io.cairn.oci;

import io.vavr.collection.List;

/** Collects clamps during one build; never leaves it. */
final class Clamps {
    static final String NOTHING = "nothing";

    private List<Clamp> clamps = List.empty();

    void add(String subject, Object asked, Object given, String why) {
        clamps = clamps.append(new Clamp(subject, asked.toString(), given.toString(), why));
    }

    List<Clamp> all() {
        return clamps;
    }
}
