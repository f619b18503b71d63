package io.cairn.network;

import io.vavr.control.Option;

/**
 * A port of the pod that is wanted on the node.
 *
 * @param hostPort 1 to 65535, or 0 for a port that is only declared (it is not passed on)
 * @param hostIp address of the node to listen on; none for all
 */
public record PortMapping(Protocol protocol, int containerPort, int hostPort, Option<String> hostIp) {
    /** As the CNI conventions spell them, in lower case. */
    public enum Protocol {
        TCP,
        UDP,
        SCTP
    }
}
