package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jnr.constants.platform.Errno;

/**
 * Gives volumes the SELinux label of the container that mounts them, where the CRI asks for it and the node has SELinux: without it
 * the policy keeps the container from its own volume.
 */
public final class VolumeLabels {
    private static final String ATTRIBUTE = "security.selinux";
    /** With another label on these the node itself would stop working. */
    private static final Set<String> OF_THE_NODE = HashSet.of("/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/media", "/mnt",
            "/opt", "/proc", "/root", "/run", "/sbin", "/srv", "/sys", "/tmp", "/usr", "/var", "/var/lib", "/var/run", "/var/tmp");

    private VolumeLabels() {}

    /** @param label of the container's own files; none where the node has no SELinux */
    public static void apply(ContainerConfig config, Option<String> label) throws IOException, DriverException {
        for (Mount mount : config.getMountsList()) {
            if (label.isDefined() && mount.getSelinuxRelabel() && !Requests.isImage(mount)) {
                apply(Requests.path(mount.getHostPath(), "host_path of a mount").toRealPath(), label.get());
            }
        }
    }

    /** @param volume without links in its path */
    static void apply(Path volume, String label) throws IOException, DriverException {
        if (OF_THE_NODE.contains(volume.toString())) {
            throw Failures.invalid("Expected a volume to be given the label %s of a container, but %s belongs to the node: mount it without "
                    + "selinux_relabel, or a directory below it", label, volume);
        }
        byte[] value = (label + "\0").getBytes(StandardCharsets.US_ASCII);
        try (Tree parent = Tree.open(volume.getParent())) {
            set(parent, volume.getFileName().toString().getBytes(StandardCharsets.UTF_8), value);
        }
        if (Files.isDirectory(volume)) {
            try (Tree root = Tree.open(volume)) {
                TreeWalk.visit(Tree.open(volume), (path, stat) -> set(root, path, value));
            }
        }
    }

    private static void set(Tree root, byte[] path, byte[] value) throws LinuxException {
        int slash = path.length - 1;
        while (slash >= 0 && path[slash] != '/') {
            slash--;
        }
        byte[] name = Arrays.copyOfRange(path, slash + 1, path.length);
        try (Tree directory = root.enter(slash < 0 ? new byte[] {'.'} : Arrays.copyOf(path, slash))) {
            directory.setXattr(name, ATTRIBUTE, value);
        } catch (LinuxException e) {
            // Gone meanwhile, on another mount, or on a file system that has one label for all.
            if (!e.is(Errno.ENOENT) && !e.is(Errno.EXDEV) && !e.is(Errno.EOPNOTSUPP)) {
                throw e;
            }
        }
    }
}
