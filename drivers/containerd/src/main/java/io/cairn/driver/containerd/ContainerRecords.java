package io.cairn.driver.containerd;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.FieldMask;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.containerd.proto.containers.Container;
import io.cairn.driver.containerd.proto.containers.ContainersGrpc;
import io.cairn.driver.containerd.proto.containers.CreateContainerRequest;
import io.cairn.driver.containerd.proto.containers.DeleteContainerRequest;
import io.cairn.driver.containerd.proto.containers.GetContainerRequest;
import io.cairn.driver.containerd.proto.containers.ListContainersRequest;
import io.cairn.driver.containerd.proto.containers.UpdateContainerRequest;
import io.cairn.driver.host.FileTrees;
import io.vavr.collection.HashSet;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;

/** containerd's records of what is to be run: containers, and inits of pods. Thread-safe. */
record ContainerRecords(Connection containerd) {
    /** Our mark: {@code container} or {@code init}. */
    static final String KIND = "io.cairn.kind";

    private static final String SPEC_TYPE = "types.containerd.io/opencontainers/runtime-spec/1/Spec";
    /** The shim puts containers of one such group into one process; by itself it would take the pod for the group. */
    private static final String SHIM_GROUP = "io.containerd.runc.v2.group";

    private ContainersGrpc.ContainersBlockingStub service() {
        return ContainersGrpc.newBlockingStub(containerd.channel());
    }

    /**
     * Makes a record, or finds the one that is there.
     *
     * @param spec JSON of the OCI runtime specification
     * @param annotations of the spec, besides its own
     * @param snapshot where its root is written to, for the garbage collector and for people; none for one that has no root of its own
     */
    void put(String id, Map<String, String> labels, byte[] spec, Map<String, String> annotations, Runtimes.Runtime runtime,
            Option<Snapshot> snapshot) throws IOException, DriverException {
        var container = Container.newBuilder().setId(id).putAllLabels(labels.toJavaMap()).setSpec(spec(id, spec, annotations))
                .setRuntime(Container.Runtime.newBuilder().setName(runtime.name()).setOptions(runtime.options()));
        snapshot.forEach(s -> container.setSnapshotter(s.snapshotter()).setSnapshotKey(s.key()).setImage(s.image()));
        containerd.make("create container " + id,
                () -> service().create(CreateContainerRequest.newBuilder().setContainer(container).build()));
    }

    /** @param image as people know it */
    record Snapshot(String snapshotter, String key, String image) {}

    void setSpec(String id, byte[] spec, Map<String, String> annotations) throws IOException, DriverException {
        var container = Container.newBuilder().setId(id).setSpec(spec(id, spec, annotations)).build();
        containerd.call("update container " + id, () -> service().update(UpdateContainerRequest.newBuilder().setContainer(container)
                .setUpdateMask(FieldMask.newBuilder().addPaths("spec")).build()));
    }

    private static Any spec(String id, byte[] json, Map<String, String> annotations) throws IOException {
        var spec = (ObjectNode) FileTrees.JSON.readTree(json);
        ObjectNode all = spec.withObjectProperty("annotations").put(SHIM_GROUP, id);
        annotations.forEach(all::put);
        return Any.newBuilder().setTypeUrl(SPEC_TYPE).setValue(ByteString.copyFrom(FileTrees.JSON.writeValueAsBytes(spec))).build();
    }

    boolean exists(String id) throws DriverException {
        return containerd.find("look at container " + id, () -> service().get(GetContainerRequest.newBuilder().setId(id).build())).isDefined();
    }

    /** Of all that bear our mark. */
    Set<String> ids() throws DriverException {
        return HashSet.ofAll(containerd.call("list containers", () -> service().list(ListContainersRequest.getDefaultInstance()))
                .getContainersList()).filter(container -> container.containsLabels(KIND)).map(Container::getId);
    }

    void delete(String id) throws DriverException {
        containerd.find("delete container " + id, () -> service().delete(DeleteContainerRequest.newBuilder().setId(id).build()));
    }
}
