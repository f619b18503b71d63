package io.cairn.oci;

import io.vavr.collection.List;
import io.vavr.control.Either;
import java.nio.file.Path;

/** The device nodes of the host. */
public interface HostDevices {
    /**
     * A device node of the host.
     *
     * @param path where it is found, below the directory that was asked for
     * @param type c or b, mknod(2)
     * @param fileMode permission bits only
     */
    record Node(Path path, String type, long major, long minor, int fileMode, long uid, long gid) {}

    /** The node at a path, links followed, or all nodes below it when it is a directory; the reason when there is none. */
    Either<String, List<Node>> at(Path hostPath);

    /** What a privileged container sees: everything below /dev but terminals, shared memory and message queues. */
    Either<String, List<Node>> all();

    /** Looks at the file system at every call: devices come and go. */
    static HostDevices ofHost() {
        return new DevTree(Path.of("/dev"));
    }
}
