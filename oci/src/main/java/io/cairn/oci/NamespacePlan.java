package io.cairn.oci;

import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Which namespaces a container joins, makes or shares with the node. Network, IPC and UTS belong to the pod: where the
 * container's options and the pod's differ, the pod's count (and UTS goes with the network). PID is each container's own
 * choice; POD, also the value of an absent option, means "as the pod has it".
 */
final class NamespacePlan {
    private final SpecRequest request;
    private final NamespaceOption own;
    private final NamespaceOption pods;
    private final Option<UserMappings> mappings;

    NamespacePlan(SpecRequest request, Clamps clamps) throws Refused {
        this.request = request;
        this.own = request.config().getLinux().getSecurityContext().getNamespaceOptions();
        this.pods = request.sandbox().getLinux().getSecurityContext().getNamespaceOptions();
        this.mappings = mappings();
        if (own.getNetwork() == NamespaceMode.NODE && !hostNetwork()) {
            clamps.add("namespaces.network", own.getNetwork(), pods.getNetwork(), "a container has the network of its pod");
        }
        if (own.getIpc() == NamespaceMode.NODE && !hostIpc()) {
            clamps.add("namespaces.ipc", own.getIpc(), pods.getIpc(), "a container has the IPC namespace of its pod");
        }
    }

    /** A namespace the container shares with the node is not in the list. */
    List<OciSpec.Namespace> namespaces() throws Refused {
        return List.of(fresh("mount"))
                .appendAll(pid())
                .appendAll(network())
                .appendAll(ipc())
                .appendAll(uts())
                .appendAll(user())
                .appendAll(cgroup());
    }

    boolean hostNetwork() {
        return pods.getNetwork() == NamespaceMode.NODE;
    }

    boolean hostIpc() {
        return pods.getIpc() == NamespaceMode.NODE;
    }

    /** The pod's hostname belongs into the spec only where this container has a UTS namespace of its own: else it is set already. */
    Option<String> hostnameToSet() {
        boolean makesUts = !hostNetwork() && request.namespaces().uts().isEmpty();
        return Option.when(makesUts, request.sandbox().getHostname()).filter(h -> !h.isEmpty());
    }

    Option<UserMappings> userMappings() {
        return mappings;
    }

    private Option<OciSpec.Namespace> pid() throws Refused {
        return switch (own.getPid()) {
            case NODE -> Option.none();
            case CONTAINER -> Option.some(fresh("pid"));
            case TARGET -> Option.some(joined("pid", request.namespaces().targetPid(), "of the container \"" + own.getTargetId() + "\""));
            case POD -> switch (pods.getPid()) {
                case NODE -> Option.none();
                case CONTAINER, TARGET -> Option.some(fresh("pid"));
                case POD -> Option.some(joined("pid", request.namespaces().pid(), "of the pod"));
                case UNRECOGNIZED -> throw unknown("pid", pods.getPidValue());
            };
            case UNRECOGNIZED -> throw unknown("pid", own.getPidValue());
        };
    }

    private Option<OciSpec.Namespace> network() throws Refused {
        return hostNetwork() ? Option.none() : Option.some(joined("network", request.namespaces().network(), "of the pod"));
    }

    private Option<OciSpec.Namespace> ipc() throws Refused {
        return hostIpc() ? Option.none() : Option.some(joined("ipc", request.namespaces().ipc(), "of the pod"));
    }

    private Option<OciSpec.Namespace> uts() {
        return hostNetwork() ? Option.none() : Option.some(new OciSpec.Namespace("uts", request.namespaces().uts().map(Path::toString)));
    }

    private Option<OciSpec.Namespace> user() {
        return mappings.map(m -> new OciSpec.Namespace("user", request.namespaces().user().map(Path::toString)));
    }

    /** Hides the node's cgroup tree. On v1 the OCI runtime shows only the container's own part anyway. */
    private Option<OciSpec.Namespace> cgroup() {
        boolean privileged = request.config().getLinux().getSecurityContext().getPrivileged();
        return Option.when(request.host().cgroups().layout() == CgroupLayout.UNIFIED && !privileged, fresh("cgroup"));
    }

    /** The pod's, which its containers must not contradict; a container that says nothing agrees. */
    private Option<UserMappings> mappings() throws Refused {
        Option<UserMappings> ofPod = UserMappings.ofPod(pods);
        if (own.hasUsernsOptions() && !UserMappings.of(own.getUsernsOptions(), true).equals(ofPod)) {
            throw Refused.request(
                    "Expected the container's userns_options to be those of its pod %s, but they differ", request.sandboxId());
        }
        if (ofPod.isDefined() && own.getPid() == NamespaceMode.NODE) {
            throw Refused.request("Expected a container of pod %s, which has a user namespace of its own, not to ask for the node's "
                    + "processes: it could not mount /proc", request.sandboxId());
        }
        return ofPod;
    }

    private static OciSpec.Namespace fresh(String type) {
        return new OciSpec.Namespace(type, Option.none());
    }

    private static OciSpec.Namespace joined(String type, Option<Path> path, String whose) throws Refused {
        if (path.isEmpty()) {
            throw Refused.request(
                    "Expected the %s namespace %s to join, but there is none: is it gone, or was it never made?", type, whose);
        }
        return new OciSpec.Namespace(type, path.map(Path::toString));
    }

    private static Refused unknown(String field, int value) {
        return Refused.request("Expected the %s namespace option to be POD, CONTAINER, NODE or TARGET, but it is %d", field, value);
    }
}
