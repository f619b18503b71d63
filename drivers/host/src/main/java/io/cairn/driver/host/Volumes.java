package io.cairn.driver.host;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.cairn.linux.DetachedMount;
import io.cairn.linux.LinuxException;
import io.cairn.linux.Mounts;
import io.cairn.oci.UserMappings;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What is mounted for one container before it is made, so that every OCI runtime can take it for an ordinary directory: images, and
 * directories whose owners are those of the pod's user namespace.
 *
 * <p>They lie in a directory in which nothing is ever deleted but empty directories and files: with a mount that is still there a
 * deletion would reach what others own.
 */
public record Volumes(Layout layout, RootFilesystems roots) {
    /** What a kubelet knows this failure by (k8s.io/cri-api, errors): it must begin the message. */
    private static final String IMAGE_FAILED = "ImageVolumeMountFailed: ";

    /** @return the container's configuration with a path on the host in each mount, and no mapped owners any more */
    public ContainerConfig mount(ContainerSpec spec, Option<UserMappings> users, Option<Path> userNamespace) throws IOException, DriverException {
        var config = spec.config().toBuilder();
        for (int i = 0; i < config.getMountsCount(); i++) {
            Mount mount = config.getMounts(i);
            if (Requests.isImage(mount)) {
                config.setMounts(i, mount.toBuilder().setHostPath(image(spec, i, mount, users, userNamespace).toString()).clearImage()
                        .clearImageSubPath().clearUidMappings().clearGidMappings());
            } else if (mount.getUidMappingsCount() + mount.getGidMappingsCount() > 0) {
                requirePods(mount, users);
                config.setMounts(i, mount.toBuilder().setHostPath(mapped(spec, i, mount, users.get(), userNamespace.get()).toString())
                        .clearUidMappings().clearGidMappings());
            }
        }
        return config.build();
    }

    private Path image(ContainerSpec spec, int number, Mount mount, Option<UserMappings> users, Option<Path> userNamespace)
            throws IOException, DriverException {
        if (!mount.getReadonly()) {
            throw Failures.invalid("Expected the image mounted at %s to be readonly, as all images are, but it is not",
                    mount.getContainerPath());
        }
        Path root = FileTrees.directory(directory(spec.id(), users).resolve(number + "-image"));
        try {
            roots.mountVolume(spec.id(), number, mount.getImage().getImageRef(), root, users, userNamespace);
        } catch (DriverException e) {
            throw new DriverException(e.kind(), IMAGE_FAILED + e.getMessage(), e);
        }
        return mount.getImageSubPath().isEmpty() ? root : subPath(spec, number, mount, root);
    }

    /** Links of the image are followed as if its root were all there is. */
    private Path subPath(ContainerSpec spec, int number, Mount mount, Path root) throws IOException, DriverException {
        Optional<DetachedMount> found;
        try {
            found = DetachedMount.inRoot(root, mount.getImageSubPath());
        } catch (LinuxException | IllegalArgumentException e) {
            throw Failures.invalid(IMAGE_FAILED + "cannot walk to image_sub_path \"%.200s\" in image %s: %s", mount.getImageSubPath(),
                    mount.getImage().getImage(), e.getMessage());
        }
        try (DetachedMount part = found.orElseThrow(() -> Failures.invalid(IMAGE_FAILED + "there is no \"%.200s\" in image %s",
                mount.getImageSubPath(), mount.getImage().getImage()))) {
            return attach(part, layout.volumes(spec.id()).resolve(number + "-part"));
        }
    }

    private static void requirePods(Mount mount, Option<UserMappings> users) throws DriverException {
        Option<UserMappings> asked = UserMappings.of(mount).getOrElseThrow(problem -> Failures.invalid("%s", problem.message()));
        if (users.isEmpty() || !asked.equals(users)) {
            throw Failures.invalid("Expected the id mappings of the mount at %s to be those of its pod's user namespace, but %s",
                    mount.getContainerPath(), users.isEmpty() ? "the pod has none" : "they are others");
        }
    }

    private Path mapped(ContainerSpec spec, int number, Mount mount, UserMappings users, Path userNamespace)
            throws IOException, DriverException {
        Path source = Requests.path(mount.getHostPath(), "host_path of a mount");
        try (DetachedMount copy = DetachedMount.of(source)) {
            copy.mapOwners(userNamespace);
            return attach(copy, directory(spec.id(), Option.some(users)).resolve(number + "-mapped"));
        } catch (LinuxException e) {
            if (!DetachedMount.isUnsupported(e)) {
                throw e;
            }
            throw Failures.of(Failure.Kind.UNSUPPORTED, "Expected to map the owners of %s, which is to be mounted at %s in a pod with a user "
                    + "namespace, but the kernel or the file system there cannot (they can from Linux 5.12 on, on ext4, XFS, btrfs, and "
                    + "later tmpfs and overlay): %s", source, mount.getContainerPath(), e.getMessage());
        }
    }

    private static Path attach(DetachedMount mount, Path target) throws IOException {
        Path place = mount.isDirectory() ? FileTrees.directory(target) : Files.createFile(target);
        mount.attach(place);
        return place;
    }

    private Path directory(String id, Option<UserMappings> users) throws IOException {
        Path own = FileTrees.directory(layout.volumes(id));
        if (users.isDefined()) {
            FileTrees.letPass(own, users.get().gids().hostId());
        }
        return own;
    }

    /** Takes away what was mounted; to be called once nothing of the container runs any more. */
    public void remove(String id) throws IOException {
        Path own = layout.volumes(id);
        for (String name : FileTrees.names(own)) {
            while (Mounts.unmount(own.resolve(name))) {
                // Until none is left: a crash may have stacked them.
            }
            Files.delete(own.resolve(name));
        }
        Files.deleteIfExists(own);
    }
}
