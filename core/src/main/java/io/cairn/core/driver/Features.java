package io.cairn.core.driver;

/** The optional things of CRI's Status: what this backend can do on this host. */
public record Features(boolean recursiveReadOnlyMounts, boolean userNamespaces, boolean supplementalGroupsPolicy) {}
