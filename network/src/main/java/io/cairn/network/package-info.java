/**
 * Pod namespaces and CNI.
 *
 * <p>{@link io.cairn.network.PodNamespaces} pins a pod's namespaces as files, {@link io.cairn.network.Cni} connects the network
 * namespace according to the node's CNI configuration and undoes it. The order a caller keeps is pin, attach ... detach, unpin:
 * several plugins can only remove their firewall rules while the namespace is still there.
 */
package io.cairn.network;
