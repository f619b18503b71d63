package io.cairn.oci;

import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * The namespaces a pod holds, as files that setns(2) takes. Which of them a container joins is the CRI's choice; a pod on
 * the node's network has no network and no UTS namespace here, and so on.
 *
 * @param uts without it a container with a network of its pod gets a UTS namespace of its own with the pod's hostname
 * @param pid the pod's shared PID namespace, held by its init process
 * @param user the pod's user namespace
 * @param targetPid the PID namespace of the container named by target_id
 */
public record PodNamespaces(
        Option<Path> network, Option<Path> ipc, Option<Path> uts, Option<Path> pid, Option<Path> user, Option<Path> targetPid) {

    /** A pod wholly in the node's namespaces. */
    public static PodNamespaces none() {
        return new PodNamespaces(Option.none(), Option.none(), Option.none(), Option.none(), Option.none(), Option.none());
    }

    /** The ordinary pod: network, IPC and UTS are its own, every container has its own processes. */
    public static PodNamespaces of(Path network, Path ipc, Path uts) {
        return new PodNamespaces(Option.some(network), Option.some(ipc), Option.some(uts), Option.none(), Option.none(), Option.none());
    }

    public PodNamespaces withPid(Path path) {
        return new PodNamespaces(network, ipc, uts, Option.some(path), user, targetPid);
    }

    public PodNamespaces withUser(Path path) {
        return new PodNamespaces(network, ipc, uts, pid, Option.some(path), targetPid);
    }

    public PodNamespaces withTargetPid(Path path) {
        return new PodNamespaces(network, ipc, uts, pid, user, Option.some(path));
    }
}
