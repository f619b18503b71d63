package io.cairn.core.driver;

/**
 * What a container has written to its root file system.
 *
 * @param mountPoint the same as that of {@link ImageFilesystem}: the kubelet finds the file system by it
 */
public record LayerUse(String mountPoint, long usedBytes, long usedInodes) {}
