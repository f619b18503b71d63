package io.cairn.oci;

import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.UserNamespace;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Which namespaces a container joins, makes or shares with the node. Network, IPC and UTS belong to the pod: where the
 * container's options and the pod's differ, the pod's count (and UTS goes with the network). PID is each container's own
 * choice; POD, also the value of an absent option, means "as the pod has it".
 */
final class NamespacePlan {
    /** The kernel takes 340 lines in uid_map (user_namespaces(7)). */
    private static final int MAX_MAPPINGS = 340;

    private final SpecRequest request;
    private final NamespaceOption own;
    private final NamespaceOption pods;

    NamespacePlan(SpecRequest request) {
        this.request = request;
        this.own = request.config().getLinux().getSecurityContext().getNamespaceOptions();
        this.pods = request.sandbox().getLinux().getSecurityContext().getNamespaceOptions();
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
        return Option.when(!hostNetwork() && request.namespaces().uts().isEmpty(), request.sandbox().getHostname()).filter(h -> !h.isEmpty());
    }

    boolean usesUserNamespace() {
        return userOptions().exists(u -> u.getMode() == NamespaceMode.POD);
    }

    List<OciSpec.IdMapping> uidMappings() throws Refused {
        return usesUserNamespace() ? mappings(userOptions().get().getUidsList(), "uids") : List.empty();
    }

    List<OciSpec.IdMapping> gidMappings() throws Refused {
        return usesUserNamespace() ? mappings(userOptions().get().getGidsList(), "gids") : List.empty();
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
        return usesUserNamespace()
                ? Option.some(new OciSpec.Namespace("user", request.namespaces().user().map(Path::toString)))
                : Option.none();
    }

    /** Hides the node's cgroup tree. On v1 the OCI runtime shows only the container's own part anyway. */
    private Option<OciSpec.Namespace> cgroup() {
        boolean privileged = request.config().getLinux().getSecurityContext().getPrivileged();
        return Option.when(request.host().cgroups().layout() == CgroupLayout.UNIFIED && !privileged, fresh("cgroup"));
    }

    private Option<UserNamespace> userOptions() {
        return Option.when(own.hasUsernsOptions(), own.getUsernsOptions())
                .orElse(() -> Option.when(pods.hasUsernsOptions(), pods.getUsernsOptions()));
    }

    private static List<OciSpec.IdMapping> mappings(java.util.List<IDMapping> asked, String field) throws Refused {
        if (asked.isEmpty() || asked.size() > MAX_MAPPINGS) {
            throw Refused.request("Expected 1 to %d id mappings in userns_options.%s, but there are %d", MAX_MAPPINGS, field, asked.size());
        }
        return mappings(asked);
    }

    static List<OciSpec.IdMapping> mappings(java.util.List<IDMapping> asked) throws Refused {
        List<OciSpec.IdMapping> mappings = List.empty();
        for (IDMapping m : asked) {
            var mapping = new OciSpec.IdMapping(
                    Integer.toUnsignedLong(m.getContainerId()), Integer.toUnsignedLong(m.getHostId()), Integer.toUnsignedLong(m.getLength()));
            if (mapping.size() == 0 || mapping.containerId() + mapping.size() > 1L << 32 || mapping.hostId() + mapping.size() > 1L << 32) {
                throw Refused.request(
                        "Expected an id mapping to be of at least one id and to end below 2^32, but it maps %d ids from %d (container) to %d (host)",
                        mapping.size(), mapping.containerId(), mapping.hostId());
            }
            mappings = mappings.append(mapping);
        }
        return mappings;
    }

    private static OciSpec.Namespace fresh(String type) {
        return new OciSpec.Namespace(type, Option.none());
    }

    private static OciSpec.Namespace joined(String type, Option<Path> path, String whose) throws Refused {
        if (path.isEmpty()) {
            throw Refused.request("Expected the %s namespace %s to join, but there is none: is it gone, or was it never made?", type, whose);
        }
        return new OciSpec.Namespace(type, path.map(Path::toString));
    }

    private static Refused unknown(String field, int value) {
        return Refused.request("Expected the %s namespace option to be POD, CONTAINER, NODE or TARGET, but it is %d", field, value);
    }
}
