package io.cairn.oci;

import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.UserNamespace;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;

/**
 * The ids of a pod with a user namespace of its own (user_namespaces(7)). The CRI promises one range for users and one for
 * groups that begin at 0 in the container; anything else is refused, by other runtimes too.
 */
public record UserMappings(OciSpec.IdMapping uids, OciSpec.IdMapping gids) {
    /** One less than there are numbers: (uid_t) -1 is none. */
    private static final long IDS = (1L << 32) - 1;

    /** None for a pod in the node's user namespace. To be asked before a pod's namespaces are made. */
    public static Either<SpecProblem, Option<UserMappings>> of(PodSandboxConfig pod) {
        return Refused.catching(() -> ofPod(pod.getLinux().getSecurityContext().getNamespaceOptions()));
    }

    /** Those of a mount, which has the same form; none where its owners are not mapped. */
    public static Either<SpecProblem, Option<UserMappings>> of(Mount mount) {
        boolean mapped = mount.getUidMappingsCount() + mount.getGidMappingsCount() > 0;
        return Refused.catching(() -> mapped
                ? Option.some(new UserMappings(whole(mount.getUidMappingsList(), "uidMappings of the mount at " + mount.getContainerPath()),
                        whole(mount.getGidMappingsList(), "gidMappings of the mount at " + mount.getContainerPath())))
                : Option.none());
    }

    static Option<UserMappings> ofPod(NamespaceOption options) throws Refused {
        Option<UserMappings> mappings = of(options.getUsernsOptions(), options.hasUsernsOptions());
        if (mappings.isDefined() && (options.getPid() == NamespaceMode.NODE || options.getIpc() == NamespaceMode.NODE)) {
            throw Refused.request("Expected a pod with a user namespace of its own to have its own processes and IPC, but it asks for the "
                    + "node's: in the node's namespaces its users may mount neither /proc nor /dev/mqueue");
        }
        return mappings;
    }

    static Option<UserMappings> of(UserNamespace options, boolean present) throws Refused {
        if (!present || options.getMode() == NamespaceMode.NODE) {
            return Option.none();
        }
        if (options.getMode() != NamespaceMode.POD) {
            throw Refused.request("Expected the mode of userns_options to be POD or NODE, but it is %s", options.getMode());
        }
        return Option.some(new UserMappings(
                whole(options.getUidsList(), "userns_options.uids"), whole(options.getGidsList(), "userns_options.gids")));
    }

    boolean covers(long id) {
        return id < uids.size() && id < gids.size();
    }

    /** A process can only be somebody who is there. */
    void require(ProcessUser user) throws Refused {
        List<Long> strangers = user.supplementalGroups().prepend(user.gid()).filter(gid -> gid >= gids.size());
        if (user.uid() >= uids.size() || !strangers.isEmpty()) {
            throw Refused.request("Expected a user below %d with groups below %d, which is what the pod's user namespace has, but they are "
                    + "user %d with groups %s", uids.size(), gids.size(), user.uid(), user.supplementalGroups().mkString(", "));
        }
    }

    private static OciSpec.IdMapping whole(java.util.List<IDMapping> asked, String field) throws Refused {
        if (asked.size() != 1) {
            throw Refused.request("Expected exactly one mapping in %s, but there are %d", field, asked.size());
        }
        OciSpec.IdMapping mapping = list(asked, field).head();
        if (mapping.containerId() != 0) {
            throw Refused.request(
                    "Expected %s to map the container's id 0, but it begins at %d", field, mapping.containerId());
        }
        return mapping;
    }

    /** Any mappings, as a mount has them. */
    static List<OciSpec.IdMapping> list(java.util.List<IDMapping> asked, String field) throws Refused {
        List<OciSpec.IdMapping> mappings = List.empty();
        for (IDMapping m : asked) {
            var mapping = new OciSpec.IdMapping(
                    Integer.toUnsignedLong(m.getContainerId()),
                    Integer.toUnsignedLong(m.getHostId()),
                    Integer.toUnsignedLong(m.getLength()));
            if (mapping.size() == 0 || mapping.containerId() + mapping.size() > IDS || mapping.hostId() + mapping.size() > IDS) {
                throw Refused.request(
                        "Expected %s to map at least one id and to end below 2^32 - 1, but it maps %d ids from %d to host id %d",
                        field, mapping.size(), mapping.containerId(), mapping.hostId());
            }
            mappings = mappings.append(mapping);
        }
        return mappings;
    }
}
