package io.cairn.core.domain;

/** An image pull under way; gone from the state when it ends. */
public record Pull(String id, String reference, String driver, long intent) {}
