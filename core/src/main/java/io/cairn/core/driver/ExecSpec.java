package io.cairn.core.driver;

import io.vavr.collection.Vector;

/** @param timeoutMillis 0 for no limit */
public record ExecSpec(String id, String containerId, Vector<String> command, long timeoutMillis) {}
