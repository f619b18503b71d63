package io.cairn.core.driver;

import io.vavr.collection.Set;

/** Ids of everything a backend holds under our mark. */
public record Inventory(Set<String> sandboxes, Set<String> containers) {}
