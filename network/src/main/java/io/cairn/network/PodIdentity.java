package io.cairn.network;

/**
 * Who a pod is to the plugins.
 *
 * @param sandboxId the CNI container id: an alphanumeric character, then those, {@code _ . -}; unique on the node
 */
public record PodIdentity(String sandboxId, String namespace, String name, String uid) {}
