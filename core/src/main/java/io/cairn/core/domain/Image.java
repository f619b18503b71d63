package io.cairn.core.domain;

import io.vavr.collection.TreeSet;
import io.vavr.control.Option;

/**
 * An image a driver holds.
 *
 * @param id digest of its configuration, {@code sha256:…}: the one identifier every call answers with
 * @param repoTags canonical references by tag
 * @param repoDigests canonical references by manifest digest
 * @param user as the image's configuration says, unresolved
 * @param stopSignal 0 when the image names none
 */
public record Image(
        String id,
        TreeSet<String> repoTags,
        TreeSet<String> repoDigests,
        long sizeBytes,
        String user,
        int stopSignal,
        String driver,
        Option<Pending> pending) {

    public Image withTags(TreeSet<String> tags) {
        return new Image(id, tags, repoDigests, sizeBytes, user, stopSignal, driver, pending);
    }

    public Image with(Option<Pending> next) {
        return new Image(id, repoTags, repoDigests, sizeBytes, user, stopSignal, driver, next);
    }
}
