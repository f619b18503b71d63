package io.cairn.network;

/**
 * A run of user or group ids of a user namespace (user_namespaces(7), "User and group ID mappings").
 *
 * @param containerId first id inside, 0 to 2^32-2
 * @param hostId first id on the node, likewise
 * @param length how many, at least 1
 */
public record IdMapping(long containerId, long hostId, long length) {
    private static final long ID_MAX = 0xffff_fffeL;

    boolean isValid() {
        return containerId >= 0 && hostId >= 0 && length >= 1 && length <= ID_MAX
                && containerId + length - 1 <= ID_MAX && hostId + length - 1 <= ID_MAX;
    }

    String line() {
        return "%d %d %d\n".formatted(containerId, hostId, length);
    }
}
