package io.cairn.oci;

import io.cairn.proto.cri.IDMapping;
import io.cairn.proto.cri.NamespaceMode;
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
    private static final long IDS = 1L << 32;

    /** None for a pod in the node's user namespace. To be asked before a pod's namespaces are made. */
    public static Either<SpecProblem, Option<UserMappings>> of(PodSandboxConfig pod) {
        return Refused.catching(() -> of(pod.getLinux().getSecurityContext().getNamespaceOptions().getUsernsOptions(),
                pod.getLinux().getSecurityContext().getNamespaceOptions().hasUsernsOptions()));
    }

    static Option<UserMappings> of(UserNamespace options, boolean present) throws Refused {
        if (!present || options.getMode() == NamespaceMode.NODE) {
            return Option.none();
        }
        if (options.getMode() != NamespaceMode.POD) {
            throw Refused.request("Expected the mode of userns_options to be POD or NODE, but it is %s", options.getMode());
        }
        return Option.some(new UserMappings(whole(options.getUidsList(), "uids"), whole(options.getGidsList(), "gids")));
    }

    boolean covers(long id) {
        return id < uids.size() && id < gids.size();
    }

    private static OciSpec.IdMapping whole(java.util.List<IDMapping> asked, String field) throws Refused {
        if (asked.size() != 1) {
            throw Refused.request("Expected exactly one mapping in userns_options.%s, but there are %d", field, asked.size());
        }
        OciSpec.IdMapping mapping = list(asked).head();
        if (mapping.containerId() != 0) {
            throw Refused.request(
                    "Expected userns_options.%s to map the container's id 0, but it begins at %d", field, mapping.containerId());
        }
        return mapping;
    }

    /** Any mappings, as a mount has them. */
    static List<OciSpec.IdMapping> list(java.util.List<IDMapping> asked) throws Refused {
        List<OciSpec.IdMapping> mappings = List.empty();
        for (IDMapping m : asked) {
            var mapping = new OciSpec.IdMapping(
                    Integer.toUnsignedLong(m.getContainerId()),
                    Integer.toUnsignedLong(m.getHostId()),
                    Integer.toUnsignedLong(m.getLength()));
            if (mapping.size() == 0 || mapping.containerId() + mapping.size() > IDS || mapping.hostId() + mapping.size() > IDS) {
                throw Refused.request(
                        "Expected an id mapping of at least one id that ends below 2^32, but it maps %d ids from %d to host id %d",
                        mapping.size(), mapping.containerId(), mapping.hostId());
            }
            mappings = mappings.append(mapping);
        }
        return mappings;
    }
}
