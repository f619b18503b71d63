package io.cairn.driver.containerd;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.leases.AddResourceRequest;
import io.cairn.driver.containerd.proto.leases.CreateRequest;
import io.cairn.driver.containerd.proto.leases.DeleteRequest;
import io.cairn.driver.containerd.proto.leases.Lease;
import io.cairn.driver.containerd.proto.leases.LeasesGrpc;
import io.cairn.driver.containerd.proto.leases.ListRequest;
import io.cairn.driver.containerd.proto.leases.Resource;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.UUID;

/** What holds things that are being made against containerd's garbage collector, until something lasting refers to them. Thread-safe. */
record Leases(Connection containerd) {
    private static final String PREFIX = "cairn-pull-";
    private static final String EXPIRE = "containerd.io/gc.expire";
    /** One whose daemon never comes back gives its content free all the same. */
    private static final Duration LIFE_MAX = Duration.ofDays(1);

    private LeasesGrpc.LeasesBlockingStub service() {
        return LeasesGrpc.newBlockingStub(containerd.channel());
    }

    /** @return the lease's id */
    String createForPull() throws DriverException {
        String id = PREFIX + UUID.randomUUID();
        containerd.call("create a lease", () -> service().create(CreateRequest.newBuilder().setId(id)
                .putLabels(EXPIRE, Instant.now().plus(LIFE_MAX).truncatedTo(ChronoUnit.SECONDS).toString()).build()));
        return id;
    }

    void holdContent(String lease, String digest) throws DriverException {
        hold(lease, digest, "content");
    }

    void holdSnapshot(String lease, String snapshotter, String key) throws DriverException {
        hold(lease, key, "snapshots/" + snapshotter);
    }

    private void hold(String lease, String id, String type) throws DriverException {
        containerd.call("hold %s for a pull".formatted(id), () -> service().addResource(AddResourceRequest.newBuilder().setId(lease)
                .setResource(Resource.newBuilder().setId(id).setType(type)).build()));
    }

    /** Of pulls, this daemon's and those of its predecessors. */
    Set<String> ofPulls() throws DriverException {
        return HashSet.ofAll(containerd.call("list leases", () -> service().list(ListRequest.getDefaultInstance())).getLeasesList())
                .map(Lease::getId).filter(id -> id.startsWith(PREFIX));
    }

    /** @param collect whether to wait until the garbage collector has been through */
    void delete(String lease, boolean collect) throws DriverException {
        containerd.find("delete lease " + lease, () -> service().delete(DeleteRequest.newBuilder().setId(lease).setSync(collect).build()));
    }
}
