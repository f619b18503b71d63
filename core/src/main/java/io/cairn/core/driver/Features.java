package io.cairn.core.driver;

/**
 * The optional things of CRI's Status: what this backend can do on this host.
 *
 * @param userNamespacesHostNetwork pods with a user namespace of their own can be on the node's network
 */
public record Features(
        boolean recursiveReadOnlyMounts, boolean userNamespaces, boolean userNamespacesHostNetwork, boolean supplementalGroupsPolicy) {}
