package io.cairn.core.daemon;

import java.time.Duration;

/**
 * How much history is kept. Sealed epochs that are older or too much are retired, whole, the oldest first.
 *
 * @param maxAge since an epoch was sealed
 * @param maxBytes of all sealed epochs
 */
public record RetentionOptions(Duration maxAge, long maxBytes) {}
