package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.nio.file.Path;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * A copy of a mount, from a directory or file on, that is nowhere in the mount table yet (open_tree(2), Linux 5.2): it can be
 * changed without anybody seeing the change halfway, and is gone when it is closed without having been attached. Not thread-safe.
 */
public final class DetachedMount implements AutoCloseable {
    /** The same numbers on every architecture. */
    private static final long SYS_OPEN_TREE = 428;
    private static final long SYS_MOVE_MOUNT = 429;
    private static final long SYS_MOUNT_SETATTR = 442;

    private static final int OPEN_TREE_CLONE = 1;
    private static final int AT_RECURSIVE = 0x8000;
    private static final int MOVE_MOUNT_F_EMPTY_PATH = 4;
    private static final long MOUNT_ATTR_IDMAP = 0x100000L;
    private static final long SIZE_OF_MOUNT_ATTR = 32;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private final String shown;
    private int fd;

    private DetachedMount(int fd, String shown) {
        this.fd = fd;
        this.shown = shown;
    }

    private interface Calls {
        long syscall(long number, int directory, byte[] path, int flags);

        long syscall(long number, int from, byte[] fromPath, int to, byte[] toPath, int flags);

        long syscall(long number, int directory, byte[] path, int flags, long[] attributes, long size);
    }

    /** A copy from a path of our own on, links followed, with what is mounted below it. */
    public static DetachedMount of(Path source) throws LinuxException {
        return clone(FileCalls.AT_FDCWD, Names.terminated(source.toString()), AT_RECURSIVE, source.toString());
    }

    /**
     * A copy from a path on that is seen as a process would see it whose root is that directory: links are followed, but neither they
     * nor ".." lead out of it. Mounts below are not copied.
     *
     * @return empty when there is no such file or directory
     */
    public static Optional<DetachedMount> inRoot(Path root, String path) throws LinuxException {
        try (Tree top = Tree.open(root)) {
            int found = RootFiles.find(top, path);
            if (found < 0) {
                return Optional.empty();
            }
            try (var pinned = new OpenFile(found, root + ":" + path)) {
                return Optional.of(clone(pinned.fd(), Names.EMPTY, FileCalls.AT_EMPTY_PATH, pinned.toString()));
            }
        }
    }

    private static DetachedMount clone(int directory, byte[] path, int flags, String shown) throws LinuxException {
        long fd = CALLS.syscall(SYS_OPEN_TREE, directory, path, OPEN_TREE_CLONE | FileCalls.O_CLOEXEC | flags);
        return new DetachedMount(LibC.check((int) fd, "open_tree", shown, "clone"), shown);
    }

    /**
     * Maps the owners of its files through a user namespace: what belongs to id 0 shows as that which the namespace gives its id 0
     * (mount_setattr(2), Linux 5.12). What is mounted below it keeps its owners.
     *
     * @param userNamespace a file of it; not the namespace of this process
     * @throws LinuxException for which {@link #isUnsupported} holds where the kernel or the file system cannot
     */
    public void mapOwners(Path userNamespace) throws LinuxException {
        int namespace = LibC.check(LIBC.open(Names.terminated(userNamespace.toString()), FileCalls.O_RDONLY | FileCalls.O_CLOEXEC), "open",
                userNamespace);
        try (var held = new OpenFile(namespace, userNamespace.toString())) {
            long[] attributes = {MOUNT_ATTR_IDMAP, 0, 0, held.fd()};
            LibC.check((int) CALLS.syscall(SYS_MOUNT_SETATTR, fd, Names.EMPTY, FileCalls.AT_EMPTY_PATH, attributes, SIZE_OF_MOUNT_ATTR),
                    "mount_setattr", shown, "owners by " + userNamespace);
        }
    }

    /** What a kernel, or a file system, says that does not know mapped owners (mount_setattr(2), ERRORS). */
    public static boolean isUnsupported(LinuxException e) {
        return e.is(Errno.ENOSYS) || e.is(Errno.EINVAL) || e.is(Errno.EPERM) || e.is(Errno.EOPNOTSUPP);
    }

    /** Puts it into the mount table. @param target a directory for a directory, a file for a file */
    public void attach(Path target) throws LinuxException {
        LibC.check((int) CALLS.syscall(SYS_MOVE_MOUNT, fd, Names.EMPTY, FileCalls.AT_FDCWD, Names.terminated(target.toString()),
                MOVE_MOUNT_F_EMPTY_PATH), "move_mount", shown, target);
    }

    public boolean isDirectory() throws LinuxException {
        byte[] result = new byte[FileStat.SIZE_OF_STATX];
        LibC.check(LIBC.statx(fd, Names.EMPTY, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC_STATS, result), "statx", shown);
        return FileStat.parse(result).isDirectory();
    }

    @Override
    public void close() {
        if (fd >= 0) {
            LIBC.close(fd);
            fd = -1;
        }
    }
}
