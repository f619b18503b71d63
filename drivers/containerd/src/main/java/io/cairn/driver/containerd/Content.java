package io.cairn.driver.containerd;

import com.google.protobuf.FieldMask;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.content.AbortRequest;
import io.cairn.driver.containerd.proto.content.ContentGrpc;
import io.cairn.driver.containerd.proto.content.Info;
import io.cairn.driver.containerd.proto.content.InfoRequest;
import io.cairn.driver.containerd.proto.content.ListContentRequest;
import io.cairn.driver.containerd.proto.content.ListStatusesRequest;
import io.cairn.driver.containerd.proto.content.ReadContentRequest;
import io.cairn.driver.containerd.proto.content.Status;
import io.cairn.driver.containerd.proto.content.UpdateRequest;
import io.cairn.images.registry.Digest;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.ByteArrayOutputStream;
import java.io.IOException;

/** Blobs in containerd's content store. Thread-safe. */
record Content(Connection containerd) {
    static final String REF_PREFIX = "cairn-";

    ContentGrpc.ContentBlockingStub service() {
        return ContentGrpc.newBlockingStub(containerd.channel());
    }

    Option<Info> info(Digest digest) throws DriverException {
        return containerd.find("look at content " + digest,
                () -> service().info(InfoRequest.newBuilder().setDigest(digest.toString()).build()).getInfo());
    }

    /**
     * A document, checked against its digest.
     *
     * @return none when it is missing, is longer than that, or is no longer what its name says
     */
    Option<byte[]> read(Digest digest, int bytesMax) throws DriverException {
        Option<Info> info = info(digest);
        if (info.isEmpty() || info.get().getSize() > bytesMax) {
            return Option.none();
        }
        var bytes = new ByteArrayOutputStream((int) info.get().getSize());
        // Collected and damaged ones alike are fetched again.
        Option<byte[]> read = containerd.find("read content " + digest, () -> {
            service().read(ReadContentRequest.newBuilder().setDigest(digest.toString()).build())
                    .forEachRemaining(piece -> bytes.writeBytes(piece.getData().toByteArray()));
            return bytes.toByteArray();
        });
        return read.filter(content -> digest.matches(digest.hasher().digest(content)));
    }

    /** Adds labels to a blob that is there. */
    void label(Digest digest, Map<String, String> labels) throws DriverException {
        var mask = FieldMask.newBuilder();
        labels.keySet().forEach(key -> mask.addPaths("labels." + key));
        containerd.call("label content " + digest, () -> service().update(UpdateRequest.newBuilder()
                .setInfo(Info.newBuilder().setDigest(digest.toString()).putAllLabels(labels.toJavaMap())).setUpdateMask(mask).build()));
    }

    /**
     * Puts a small document there, under a lease, or adds the labels to the one that is there.
     *
     * @param content has been checked against the digest
     */
    void put(Digest digest, byte[] content, Map<String, String> labels, String lease, Leases leases) throws DriverException, IOException {
        if (info(digest).isEmpty()) {
            try (Ingest ingest = Ingest.open(this, digest, content.length, labels, lease, _ -> {}, _ -> {})) {
                ingest.write(content, content.length);
                ingest.arrived();
            }
        }
        leases.holdContent(lease, digest.toString());
        label(digest, labels);
    }

    Vector<Info> list() throws DriverException {
        return containerd.call("list content", () -> {
            var found = new java.util.ArrayList<Info>();
            service().list(ListContentRequest.getDefaultInstance()).forEachRemaining(some -> found.addAll(some.getInfoList()));
            return Vector.ofAll(found);
        });
    }

    /** Takes away what was begun to be written by a daemon before this one. */
    void abortStrays() throws DriverException {
        var begun = containerd.call("list what is being written",
                () -> service().listStatuses(ListStatusesRequest.getDefaultInstance())).getStatusesList();
        for (Status one : begun) {
            if (one.getRef().startsWith(REF_PREFIX)) {
                abort(one.getRef());
            }
        }
    }

    void abort(String ref) throws DriverException {
        containerd.find("abort the writing of " + ref, () -> service().abort(AbortRequest.newBuilder().setRef(ref).build()));
    }
}
