package io.cairn.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.Json;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Finds what is needed from the images downwards, and deletes the rest. What a configuration that is damaged would need is
 * not known: its layers go, and the image is found missing, which it is.
 */
final class Sweep {
    private final StoreParts parts;
    private final Snapshots snapshots;

    Sweep(StoreParts parts, Snapshots snapshots) {
        this.parts = parts;
        this.snapshots = snapshots;
    }

    /** @param unconfirmed images kept besides the living; those that live are taken out of it */
    void run(Set<Digest> live, Set<Digest> unconfirmed) throws IOException {
        parts.pins().frozen(pinned -> {
            var images = new HashSet<>(live);
            images.addAll(unconfirmed);
            unconfirmed.removeAll(live);
            sweepLayers(images, pinned);
            sweepBlobs(images, pinned);
            return images;
        });
        parts.dirs().emptyTrash();
    }

    private void sweepLayers(Set<Digest> images, Set<Digest> pinned) throws IOException {
        var needed = new HashSet<>(pinned);
        needed.addAll(snapshots.chainIdsInUse());
        for (Digest image : images) {
            Option<byte[]> json = parts.blobs().get(image);
            if (json.isDefined()) {
                ChainIds.of(ImageConfig.parse(json.get()).diffIds()).forEach(needed::add);
            }
        }
        parts.layers().sweep(needed);
    }

    /** A manifest lives as long as its configuration, an index as long as one of its manifests. */
    private void sweepBlobs(Set<Digest> images, Set<Digest> pinned) throws IOException {
        var needed = new HashSet<>(images);
        needed.addAll(pinned);
        boolean grows = true;
        while (grows) {
            grows = false;
            for (Digest blob : parts.blobs().list()) {
                if (!needed.contains(blob) && refersTo(blob, needed)) {
                    grows = needed.add(blob);
                }
            }
        }
        for (Digest blob : parts.blobs().list()) {
            if (!needed.contains(blob)) {
                parts.blobs().delete(blob);
            }
        }
    }

    private boolean refersTo(Digest blob, Set<Digest> needed) throws IOException {
        Option<byte[]> content = parts.blobs().get(blob);
        if (content.isEmpty()) {
            return false;
        }
        JsonNode root = Json.read(content.get());
        for (JsonNode manifest : root.path("manifests")) {
            if (isOneOf(manifest, needed)) {
                return true;
            }
        }
        return isOneOf(root.path("config"), needed);
    }

    private static boolean isOneOf(JsonNode descriptor, Set<Digest> needed) {
        return Digest.parse(descriptor.path("digest").asText("")).exists(needed::contains);
    }
}
