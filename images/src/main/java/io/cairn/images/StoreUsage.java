package io.cairn.images;

import java.nio.file.Path;

/**
 * What images take.
 *
 * @param root the store's directory, which stands for its file system
 * @param bytes of all layers and documents, as they lie on disk; snapshots not included
 * @param inodes used by them
 */
public record StoreUsage(Path root, long bytes, long inodes) {}
