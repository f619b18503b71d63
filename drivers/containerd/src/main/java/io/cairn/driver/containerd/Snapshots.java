package io.cairn.driver.containerd;

import io.cairn.driver.host.Failures;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.diff.ApplyRequest;
import io.cairn.driver.containerd.proto.diff.DiffGrpc;
import io.cairn.driver.containerd.proto.snapshots.CommitSnapshotRequest;
import io.cairn.driver.containerd.proto.snapshots.Info;
import io.cairn.driver.containerd.proto.snapshots.ListSnapshotsRequest;
import io.cairn.driver.containerd.proto.snapshots.MountsRequest;
import io.cairn.driver.containerd.proto.snapshots.PrepareSnapshotRequest;
import io.cairn.driver.containerd.proto.snapshots.RemoveSnapshotRequest;
import io.cairn.driver.containerd.proto.snapshots.SnapshotsGrpc;
import io.cairn.driver.containerd.proto.snapshots.StatSnapshotRequest;
import io.cairn.driver.containerd.proto.snapshots.UsageRequest;
import io.cairn.driver.containerd.proto.snapshots.UsageResponse;
import io.cairn.driver.containerd.proto.snapshots.ViewSnapshotRequest;
import io.cairn.driver.containerd.proto.types.Descriptor;
import io.cairn.driver.containerd.proto.types.Mount;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** File systems in one of containerd's snapshotters. Thread-safe. */
record Snapshots(Connection containerd, String snapshotter) {
    /**
     * Unpacking looks at the first bytes of a layer whenever its type is one of compressed layers; so it understands those, too, whose
     * type it does not know.
     */
    private static final String PACKED = "application/vnd.oci.image.layer.v1.tar+gzip";
    /** A layer of gigabytes on a slow disk. */
    private static final Duration UNPACKING_MAX = Duration.ofHours(1);

    private SnapshotsGrpc.SnapshotsBlockingStub service() {
        return SnapshotsGrpc.newBlockingStub(containerd.channel());
    }

    Option<Info> stat(String key) throws DriverException {
        return containerd.find("look at snapshot " + key,
                () -> service().stat(StatSnapshotRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build()).getInfo());
    }

    /**
     * Makes a writable snapshot, or finds the one that is there.
     *
     * @param parent name of a committed one, empty for none
     * @return how it is mounted
     */
    List<Mount> prepare(String key, String parent, Map<String, String> labels) throws DriverException {
        Option<List<Mount>> made = containerd.make("prepare snapshot " + key, () -> service().prepare(PrepareSnapshotRequest.newBuilder()
                .setSnapshotter(snapshotter).setKey(key).setParent(parent).putAllLabels(labels.toJavaMap()).build()).getMountsList());
        if (made.isDefined()) {
            return made.get();
        }
        if (stat(key).exists(found -> !found.getParent().equals(parent))) {
            throw Failures.failed("Cannot prepare snapshot %s: there is one of that name with another parent", key);
        }
        return mounts(key);
    }

    /** Makes one that is only read, or finds it. @return how it is mounted */
    List<Mount> view(String key, String parent, Map<String, String> labels) throws DriverException {
        Option<List<Mount>> made = containerd.make("prepare snapshot " + key, () -> service().view(ViewSnapshotRequest.newBuilder()
                .setSnapshotter(snapshotter).setKey(key).setParent(parent).putAllLabels(labels.toJavaMap()).build()).getMountsList());
        return made.isDefined() ? made.get() : mounts(key);
    }

    /** How an active snapshot, or a view, is mounted. */
    List<Mount> mounts(String key) throws DriverException {
        return containerd.call("ask for the mounts of snapshot " + key,
                () -> service().mounts(MountsRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build())).getMountsList();
    }

    /**
     * Unpacks a layer on top of others under a lease. Kept is only what is what was expected.
     *
     * @param key for the time of the unpacking; nobody else's
     * @param parent chain id of what lies below, empty for none
     * @return what the unpacked layer really is
     */
    Digest unpack(String key, String parent, String chainId, Digest blob, long sizeBytes, Digest expected, String lease)
            throws DriverException {
        var leased = service().withOption(Connection.LEASE, lease);
        List<Mount> mounts = containerd.call("prepare snapshot " + key, () -> leased.prepare(PrepareSnapshotRequest.newBuilder()
                .setSnapshotter(snapshotter).setKey(key).setParent(parent).build())).getMountsList();
        boolean committed = false;
        try {
            String text = containerd.call("unpack layer " + blob, () -> DiffGrpc.newBlockingStub(containerd.channel())
                    .withDeadlineAfter(UNPACKING_MAX).withOption(Connection.LEASE, lease).apply(ApplyRequest.newBuilder()
                            .setDiff(Descriptor.newBuilder().setMediaType(PACKED).setDigest(blob.toString()).setSize(sizeBytes))
                            .addAllMounts(mounts).setSyncFs(true).build()).getApplied().getDigest());
            Digest applied = Digest.parse(text).getOrElseThrow(why -> Failures.failed("Cannot unpack layer %s: %s", blob, why));
            if (applied.equals(expected)) {
                committed = containerd.make("commit snapshot " + chainId, () -> leased.commit(CommitSnapshotRequest.newBuilder()
                        .setSnapshotter(snapshotter).setName(chainId).setKey(key).build())).isDefined();
            }
            return applied;
        } finally {
            if (!committed) {
                remove(key);
            }
        }
    }

    void remove(String key) throws DriverException {
        containerd.find("remove snapshot " + key,
                () -> service().remove(RemoveSnapshotRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build()));
    }

    Option<UsageResponse> usage(String key) throws DriverException {
        return containerd.find("measure snapshot " + key,
                () -> service().usage(UsageRequest.newBuilder().setSnapshotter(snapshotter).setKey(key).build()));
    }

    Vector<Info> list() throws DriverException {
        return containerd.call("list snapshots", () -> {
            var found = new ArrayList<Info>();
            service().list(ListSnapshotsRequest.newBuilder().setSnapshotter(snapshotter).build())
                    .forEachRemaining(some -> found.addAll(some.getInfoList()));
            return Vector.ofAll(found);
        });
    }
}
