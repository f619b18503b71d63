package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.types.Descriptor;
import io.cairn.images.FoundImage;
import io.cairn.images.LayerPull;
import io.cairn.images.PullFailure;
import io.cairn.images.PullProgress;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistrySession;
import io.cairn.images.registry.RemoteImage;
import io.cairn.images.registry.RemoteImage.Document;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import java.io.IOException;

/**
 * The part of a pull that keeps things: manifests and configuration as content, layers as content and as snapshots; each refers to the
 * next by a label that containerd's garbage collector follows, and the pull's lease holds all until a name does.
 */
record ImagePull(Content content, Leases leases, String lease, ImageReference reference, FoundImage image) {
    /** Labels of containerd's garbage collector (its docs/garbage-collection.md). */
    private static final String GC_CONTENT = "containerd.io/gc.ref.content.";
    private static final String GC_SNAPSHOT = "containerd.io/gc.ref.snapshot.";
    /** Where a blob can be had again, as other clients of containerd note it. */
    private static final String SOURCE = "containerd.io/distribution.source.";

    Map<String, String> source() {
        return HashMap.of(SOURCE + reference.registry(), reference.repository());
    }

    /** Manifests and configuration. */
    void keepDocuments() throws DriverException, IOException {
        RemoteImage remote = image.remote();
        content.put(remote.config().digest(), image.configJson(), source(), lease, leases);
        // From the innermost out: what is referred to is there first.
        Vector<Document> documents = remote.documents();
        for (int i = documents.size() - 1; i >= 0; i--) {
            Map<String, String> references = i == documents.size() - 1 ? manifestReferences(remote)
                    : HashMap.of(GC_CONTENT + "m.0", documents.get(i + 1).digest().toString());
            content.put(documents.get(i).digest(), documents.get(i).content(), references.merge(source()), lease, leases);
        }
    }

    private static Map<String, String> manifestReferences(RemoteImage remote) {
        Map<String, String> references = HashMap.of(GC_CONTENT + "config", remote.config().digest().toString());
        for (int i = 0; i < remote.layers().size(); i++) {
            references = references.put(GC_CONTENT + "l." + i, remote.layers().get(i).digest().toString());
        }
        return references;
    }

    /** @return all layers, unpacked */
    Either<PullFailure, Vector<SnapshotHome.Layer>> keepLayers(SnapshotHome home, RegistrySession session, PullProgress progress)
            throws DriverException, IOException, InterruptedException {
        Either<PullFailure, Vector<SnapshotHome.Layer>> layers = new LayerPull<>(home, session, image, progress).run();
        if (layers.isRight() && !image.chainIds().isEmpty()) {
            content.label(image.remote().config().digest(),
                    HashMap.of(GC_SNAPSHOT + home.snapshots().snapshotter(), image.chainIds().last().toString()));
        }
        return layers;
    }

    Descriptor target() {
        var target = image.remote().target();
        return Descriptor.newBuilder().setMediaType(target.mediaType()).setDigest(target.digest().toString()).setSize(target.sizeBytes()).build();
    }

    Digest imageId() {
        return image.remote().config().digest();
    }
}
