package io.cairn.oci;

import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;

/** {@link HostDevices} out of a directory of device nodes. */
record DevTree(Path dev) implements HostDevices {
    private static final int S_IFMT = 0170000;
    private static final int S_IFCHR = 0020000;
    private static final int S_IFBLK = 0060000;
    private static final int MAX_NODES = 16_384;

    /** Made for each container by the OCI runtime, or another container's. */
    private static final Set<String> NOT_OF_THE_HOST = HashSet.of("pts", "shm", "fd", "mqueue", "console", ".lxc", ".lxd-mounts", ".udev");

    @Override
    public Either<String, List<Node>> at(Path hostPath) {
        try {
            Path real = hostPath.toRealPath();
            if (Files.isDirectory(real)) {
                List<Node> nodes = below(real).map(n -> at(n, hostPath.resolve(real.relativize(n.path()))));
                return nodes.isEmpty() ? Either.left("there is no device below directory " + hostPath) : Either.right(nodes);
            }
            return node(real)
                    .map(n -> List.of(at(n, hostPath)))
                    .toEither(hostPath + " is neither a device nor a directory of devices");
        } catch (IOException e) {
            return Either.left("%s cannot be looked at: %s".formatted(hostPath, e));
        }
    }

    @Override
    public Either<String, List<Node>> all() {
        try {
            return Either.right(below(dev));
        } catch (IOException e) {
            return Either.left("%s cannot be looked at: %s".formatted(dev, e));
        }
    }

    private List<Node> below(Path directory) throws IOException {
        var found = new java.util.ArrayList<Node>();
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path dir, BasicFileAttributes attributes) {
                return isOthers(dir) ? FileVisitResult.SKIP_SUBTREE : FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                if (attributes.isOther() && !isOthers(file)) {
                    node(file).forEach(found::add);
                }
                if (found.size() > MAX_NODES) {
                    throw new IOException("Expected at most %d devices below %s".formatted(MAX_NODES, directory));
                }
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        found.sort(java.util.Comparator.comparing(Node::path));
        return List.ofAll(found);
    }

    private boolean isOthers(Path path) {
        return dev.equals(path.getParent()) && NOT_OF_THE_HOST.contains(path.getFileName().toString());
    }

    /** None for what is no device, and for a device unplugged while we look. */
    private static Option<Node> node(Path path) throws IOException {
        Map<String, Object> stat;
        try {
            stat = Files.readAttributes(path, "unix:mode,rdev,uid,gid", LinkOption.NOFOLLOW_LINKS);
        } catch (NoSuchFileException gone) {
            return Option.none();
        }
        int mode = (Integer) stat.get("mode");
        int kind = mode & S_IFMT;
        if (kind != S_IFCHR && kind != S_IFBLK) {
            return Option.none();
        }
        long rdev = (Long) stat.get("rdev");
        return Option.some(new Node(
                path,
                kind == S_IFCHR ? "c" : "b",
                major(rdev),
                minor(rdev),
                mode & 0777,
                (Integer) stat.get("uid"),
                (Integer) stat.get("gid")));
    }

    private static Node at(Node node, Path path) {
        return new Node(path, node.type(), node.major(), node.minor(), node.fileMode(), node.uid(), node.gid());
    }

    /** glibc's layout of dev_t, sysmacros.h: the upper halves of both numbers lie above the first 20 bits. */
    static long major(long rdev) {
        return (rdev >>> 8 & 0xfffL) | (rdev >>> 32 & 0xfffff000L);
    }

    static long minor(long rdev) {
        return (rdev & 0xffL) | (rdev >>> 12 & 0xffffff00L);
    }
}
