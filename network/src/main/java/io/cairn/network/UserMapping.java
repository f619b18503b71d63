package io.cairn.network;

import io.vavr.collection.List;

/** The ids of a pod with a user namespace of its own; each list has 1 to 340 entries (the kernel's bound). */
public record UserMapping(List<IdMapping> users, List<IdMapping> groups) {
    private static final int LINES_MAX = 340;

    boolean isValid() {
        return List.of(users, groups).forAll(m -> m.nonEmpty() && m.size() <= LINES_MAX && m.forAll(IdMapping::isValid));
    }
}
