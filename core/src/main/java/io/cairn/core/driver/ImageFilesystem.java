package io.cairn.core.driver;

/** CRI's FilesystemUsage of the place where images and writable layers are kept. */
public record ImageFilesystem(String mountPoint, long usedBytes, long usedInodes) {}
