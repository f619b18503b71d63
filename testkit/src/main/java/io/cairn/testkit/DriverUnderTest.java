package io.cairn.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The driver that a node's daemon uses: what it needs on the node beside Cairn, and what its backend tells, asked past Cairn. The system
 * property {@code cairn.test.driver} names it.
 */
public interface DriverUnderTest {
    static DriverUnderTest chosen() {
        String name = System.getProperty("cairn.test.driver", "runc");
        return switch (name) {
            case "runc" -> new RuncUnderTest();
            case "containerd" -> new ContainerdUnderTest();
            case "docker" -> new DockerUnderTest();
            default -> throw new IllegalStateException("Expected cairn.test.driver to name a driver (runc, containerd, docker), but it is \"%s\""
                    .formatted(name));
        };
    }

    /** As the configuration names it. */
    String name();

    /** Its part of a node's configuration, in TOML: tables, since others come before it; may be empty. */
    String configuration(TestNode node);

    /** Starts what it needs on a node, such as a daemon of its own; called before Cairn's first daemon, and again after a reboot. */
    void begin(TestNode node) throws IOException, InterruptedException;

    /** Ends what {@link #begin} started, as a power cut would. Succeeds when nothing was. */
    void end(TestNode node) throws IOException, InterruptedException;

    /** Whether a process that carries a node's directory in its command belongs to the backend itself, and to no pod. */
    boolean isBackend(String command);

    /** Whether something mounted below the node's directory belongs to the backend itself, and to no pod. */
    default boolean isBackendsMount(Path point) {
        return false;
    }

    /** Whether a process looks after others and would tell how they end. */
    boolean isMonitor(String command);

    /** Ids of the containers that the backend has on record, inits of pods among them. */
    List<String> containers(TestNode node) throws IOException;

    /** Whether it can write containers into archives, on a host with a CRIU that works. */
    boolean canCheckpoint();

    /** What not every backend can do. Where it cannot, Cairn says UNIMPLEMENTED and does nothing. */
    enum Feature {
        /** A log that was moved away goes on in a new file. */
        REOPENED_LOGS,
        /** Pods with a user namespace of their own. */
        USERS_OF_PODS,
        /** Containers of a pod in one UTS namespace; else each has one of its own, with the same name in it. */
        ONE_HOSTNAME_NAMESPACE,
        /** Device nodes of CDI files that have another name in the container than on the node. */
        RENAMED_CDI_NODES,
        /** Every capability that the daemon has, for privileged containers; else those that the backend knows, and what it can give with them. */
        ALL_PRIVILEGES,
        /** Images mounted as volumes. */
        IMAGE_VOLUMES,
        /** Mounts that are read-only with all that is mounted below them. */
        RECURSIVE_READ_ONLY
    }

    default boolean can(Feature feature) {
        return true;
    }

    /** The {@code runtime} of a runtime handler, of the form this driver takes, that is not there. */
    String absentRuntime();
}
