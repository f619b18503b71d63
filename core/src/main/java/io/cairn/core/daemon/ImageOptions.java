package io.cairn.core.daemon;

import io.vavr.collection.Vector;
import java.time.Duration;

/**
 * What the daemon itself is told about images; the rest goes to the drivers.
 *
 * @param pinned references of images the kubelet must not remove
 * @param failedPullRetention how long what a failed pull has brought is kept for the next try
 */
public record ImageOptions(Vector<String> pinned, Duration failedPullRetention) {}
