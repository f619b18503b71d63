package io.cairn.network;

import io.cairn.linux.Namespaces.Kind;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.util.EnumSet;
import java.util.Set;

/**
 * Which namespaces a pod gets of its own, and what is set up in them before anybody sees them.
 *
 * @param users the ids of a user namespace of its own, which then owns the other ones; none: the node's
 * @param hostname 1 to 64 bytes; needs {@code uts}
 * @param sysctls name to value; see {@link PodNamespaces#pin} for what is allowed
 */
public record NamespaceRequest(
        boolean net, boolean ipc, boolean uts, Option<UserMapping> users, Option<String> hostname, Map<String, String> sysctls) {

    /** Without a user namespace of its own. */
    public NamespaceRequest(boolean net, boolean ipc, boolean uts, Option<String> hostname, Map<String, String> sysctls) {
        this(net, ipc, uts, Option.none(), hostname, sysctls);
    }

    Set<Kind> kinds() {
        var kinds = EnumSet.noneOf(Kind.class);
        if (net) {
            kinds.add(Kind.NET);
        }
        if (ipc) {
            kinds.add(Kind.IPC);
        }
        if (uts) {
            kinds.add(Kind.UTS);
        }
        return kinds;
    }
}
