package io.cairn.oci;

import io.vavr.control.Option;
import java.nio.file.Path;

/** Where a host path is mounted, as far as propagation needs it (mount_namespaces(7)). */
@FunctionalInterface
public interface MountTable {
    /**
     * @param shared is in a peer group: what is mounted there is seen by its peers
     * @param slave receives what its master's peers mount
     */
    record Row(Path mountPoint, boolean shared, boolean slave) {}

    /** The mount that a path lies on, links followed; none when the path does not exist or the table cannot be read. */
    Option<Row> holding(Path hostPath);

    /** Reads /proc/self/mountinfo at every call: mounts come and go. */
    static MountTable ofHost() {
        return new HostMountTable(Path.of("/proc/self/mountinfo"));
    }
}
