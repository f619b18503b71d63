package io.cairn.core.driver;

/**
 * @param pid of the main process in the daemon's PID namespace
 * @param startedAtNanos wall time not later than the program's first instruction
 */
public record StartedContainer(long pid, long startedAtNanos) {}
