package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What of the node is mounted into a container. */
public final class MountSources {
    private MountSources() {}

    /** As other runtimes do, since the kubelet's hostPath without a type may name what is not there yet. */
    public static void make(ContainerConfig config) throws IOException, DriverException {
        for (Mount mount : config.getMountsList()) {
            Path source = Requests.path(mount.getHostPath(), "host_path of the mount at " + mount.getContainerPath());
            if (!Requests.isImage(mount) && source.isAbsolute() && Files.notExists(source)) {
                Files.createDirectories(source);
            }
        }
    }
}
