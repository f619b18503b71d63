package io.cairn.core.domain;

/** A command being run inside a container; gone from the state when it ends. */
public record Exec(String id, String containerId, long intent) {}
