package io.cairn.driver.docker;

import io.vavr.collection.HashMap;
import io.vavr.collection.Map;

/** The marks on what is ours in the engine. */
final class Labels {
    /** Which Cairn something belongs to ({@code drivers.docker.owner}). */
    static final String OWNER = "io.cairn.owner";

    /** {@link #POD} or {@link #CONTAINER}. */
    static final String KIND = "io.cairn.kind";
    /** It holds a pod's namespaces, and is named after the pod. */
    static final String POD = "pod";
    static final String CONTAINER = "container";
    /** The pod's id. */
    static final String SANDBOX = "io.cairn.sandbox";
    /** As the kubelet calls them; for people. */
    static final String POD_NAME = "io.kubernetes.pod.name";
    static final String POD_NAMESPACE = "io.kubernetes.pod.namespace";
    static final String POD_UID = "io.kubernetes.pod.uid";
    static final String CONTAINER_NAME = "io.kubernetes.container.name";

    private Labels() {}

    /** On everything that is this Cairn's. */
    static Map<String, String> of(String owner) {
        return HashMap.of(OWNER, owner);
    }
}
