package io.cairn.crash.points;

import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a driver and its backend hold for what Cairn claims, and what they do hold, by the files and the backend's own word; nothing here
 * asks Cairn. Each thing is a line: its kind, and whose it is by the id in its name. Mounts, network, cgroups and processes are looked at
 * by {@link HostFacts}, whatever the driver.
 */
interface Witness {
    static Witness of(TestNode node) {
        return switch (node.driver().name()) {
            case "runc" -> new RuncWitness();
            case "containerd" -> new ContainerdWitness();
            case "docker" -> new DockerWitness();
            default -> throw new IllegalStateException("Expected somebody who knows what the driver %s holds".formatted(node.driver().name()));
        };
    }

    /** Adds what is there now. */
    void look(TestNode node, Set<String> held) throws IOException, InterruptedException;

    /** That the backend's own client shows what is found here: dearer than a look, so now and then, while nothing is under way. */
    default void confirm(TestNode node) throws Exception {}

    /** What a process of the node is, in words, by its arguments; none where it has no part in the driver. */
    Optional<String> process(List<String> arguments);

    /** Something that was found, after {@link #look}, with ids of the backend's own in it as the names of what they stand for. */
    default String named(String thing) {
        return thing;
    }

    /** Whether something is held by the backend, for no pod or container. */
    default boolean isNobodys(String thing) {
        return false;
    }

    /** The last name of a container's cgroup. */
    default String cgroup(TestNode node, String id) throws IOException {
        return id;
    }

    /** Whose processes a ready pod has besides those of its containers. */
    default List<String> cgroupsOfPod(String id, boolean sharesProcesses) {
        return sharesProcesses ? List.of("init-" + id) : List.of();
    }

    /** Whether what a container has written stays when it is removed; else it is the backend's, and goes with it. */
    default boolean keepsLogs() {
        return true;
    }

    /** Held for a pod until it is removed. */
    List<String> ofPod(String id);

    /** Held besides by one that is ready. */
    List<String> ofReadyPod(String id, boolean onHostNetwork);

    /** Held besides by a ready one whose containers share their processes. */
    List<String> ofInit(String id);

    /** Held for a container until it is removed. */
    List<String> ofContainer(String id);

    /** Held besides once it was started, and perhaps until it is removed. */
    List<String> ofStart(String id);

    /** Held besides while it runs. */
    List<String> ofRunning(String id);

    /** What may be held besides once it has ended. */
    List<String> ofEnd(String id);

    /** What an image is on disk. */
    Set<String> ofImage(OciImage image) throws IOException;

    /** What a pull that was cut off may have left besides, until no image is there. */
    List<String> ofPull();
}
