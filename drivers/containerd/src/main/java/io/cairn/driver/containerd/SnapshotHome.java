package io.cairn.driver.containerd;

import io.cairn.driver.host.Failures;
import io.cairn.images.BadLayerException;
import io.cairn.images.BlobPlace;
import io.cairn.images.LayerHome;
import io.cairn.images.LayerJobs;
import io.cairn.images.registry.Descriptor;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.UUID;

/**
 * Layers as snapshots of one snapshotter, by their chain ids, for one pull. All it finds and makes is held by the pull's lease.
 *
 * @param blobs of the image's layers, for their sizes
 */
record SnapshotHome(ContentPlace place, Snapshots snapshots, LayerJobs jobs, Option<Path> root, Vector<Descriptor> blobs)
        implements LayerHome<Digest, SnapshotHome.Layer> {
    /** Begins the key of a layer that is being unpacked. */
    static final String UNPACKING = "cairn-unpack-";

    /** @param diskBytes as the snapshotter has measured */
    record Layer(Digest chainId, long diskBytes) {}

    @Override
    public Option<Layer> ready(Digest chainId) throws IOException {
        return ContentPlace.throughIo(() -> {
            place.leases().holdSnapshot(place.lease(), snapshots.snapshotter(), chainId.toString());
            return snapshots.usage(chainId.toString()).map(usage -> new Layer(chainId, usage.getSize()));
        });
    }

    @Override
    public Layer unpack(Digest chainId, Digest diffId, Vector<Layer> lowers, Digest blob) throws IOException {
        return ContentPlace.throughIo(() -> {
            String parent = lowers.lastOption().map(layer -> layer.chainId().toString()).getOrElse("");
            long sizeBytes = blobs.find(layer -> layer.digest().equals(blob)).map(Descriptor::sizeBytes).getOrElse(0L);
            Digest unpacked = snapshots.unpack(UNPACKING + UUID.randomUUID(), parent, chainId.toString(), blob, sizeBytes, diffId,
                    place.lease());
            if (!unpacked.equals(diffId)) {
                throw new BadLayerException("the layer %s unpacks to %s, but the image's configuration says %s".formatted(blob, unpacked, diffId));
            }
            return ready(chainId).getOrElseThrow(() -> Failures.failed("Layer %s was unpacked, but there is no snapshot %s", blob, chainId));
        });
    }
}
