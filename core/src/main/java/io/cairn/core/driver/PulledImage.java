package io.cairn.core.driver;

/**
 * @param id digest of the image's configuration
 * @param repoTag canonical, empty when pulled by digest
 * @param repoDigest canonical, by manifest digest
 * @param user as its configuration says
 * @param stopSignal number, 0 when it names none
 */
public record PulledImage(String id, String repoTag, String repoDigest, long sizeBytes, String user, int stopSignal) {}
