package io.cairn.oci;

import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.PodSandboxMetadata;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;

/** Annotations of the spec: the container's own from the CRI, and whose it is under the keys that other tools read. */
final class Annotations {
    static final String PREFIX = "io.kubernetes.cri.";

    /** Orders to an OCI runtime in disguise: runc sets systemd properties by them, crun and CRIU take hooks and files. */
    private static final List<String> ORDERS = List.of("org.systemd.property.", "run.oci.", "org.criu.", "module.wasm.");

    private Annotations() {}

    static Map<String, String> of(SpecRequest request, Clamps clamps) {
        ContainerConfig config = request.config();
        Map<String, String> all = LinkedHashMap.empty();
        for (var entry : new java.util.TreeMap<>(config.getAnnotationsMap()).entrySet()) {
            if (ORDERS.exists(entry.getKey()::startsWith)) {
                clamps.add("annotations", entry.getKey(), Clamps.NOTHING, "the OCI runtime would take this annotation for an order");
            } else {
                all = all.put(entry.getKey(), entry.getValue());
            }
        }
        PodSandboxMetadata pod = request.sandbox().getMetadata();
        String image = config.getImage().getUserSpecifiedImage();
        return all.put(PREFIX + "container-type", "container")
                .put(PREFIX + "container-name", config.getMetadata().getName())
                .put(PREFIX + "image-name", image.isEmpty() ? config.getImage().getImage() : image)
                .put(PREFIX + "sandbox-id", request.sandboxId())
                .put(PREFIX + "sandbox-name", pod.getName())
                .put(PREFIX + "sandbox-namespace", pod.getNamespace())
                .put(PREFIX + "sandbox-uid", pod.getUid());
    }
}
