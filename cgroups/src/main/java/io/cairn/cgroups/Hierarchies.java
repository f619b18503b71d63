package io.cairn.cgroups;

import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a host has its cgroup controllers (cgroups(7)). Immutable.
 *
 * @param unified the cgroup2 mount; on a hybrid host it holds no controllers, but processes and their pressure
 * @param v1 mount of each v1 controller, by its name; empty where all controllers are on cgroup2
 */
public record Hierarchies(Option<Path> unified, Map<String, Path> v1) {
    private static final String CONTROLLERS = "cgroup.controllers";

    /** @param top {@code /sys/fs/cgroup}, or a tree like it */
    public static Hierarchies below(Path top) throws IOException {
        if (Files.exists(top.resolve(CONTROLLERS))) {
            return new Hierarchies(Option.some(top), HashMap.empty());
        }
        Map<String, Path> found = HashMap.empty();
        try (DirectoryStream<Path> mounts = Files.newDirectoryStream(top, Files::isDirectory)) {
            for (Path mount : mounts) {
                // Controllers that share a mount share its name: cpu,cpuacct.
                for (String controller : mount.getFileName().toString().split(",")) {
                    found = found.put(controller, mount);
                }
            }
        }
        Path beside = top.resolve("unified");
        return new Hierarchies(Option.when(Files.exists(beside.resolve(CONTROLLERS)), beside), found);
    }

    /** The directory that counts for a controller of a cgroup; none where the host does not have the controller. */
    Option<Path> directory(String controller, Path cgroup) {
        return (isV2() ? unified : v1.get(controller)).map(mount -> mount.resolve(cgroup));
    }

    boolean isV2() {
        return v1.isEmpty();
    }
}
