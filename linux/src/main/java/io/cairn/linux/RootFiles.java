package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * Reads files of a root directory that others filled, such as a container's, as a process inside would see them: links
 * are followed, but "/" and ".." end at that root (openat2(2), RESOLVE_IN_ROOT). Only regular files are opened, so
 * that neither a fifo blocks nor a device acts. Thread-safe.
 */
public final class RootFiles {
    /** The kernel gives up with EAGAIN when a rename races with the walk; a handful of tries tells a race from a siege. */
    private static final int TRIES = 16;
    private static final int CHUNK_BYTES = 16 * 1024;

    private RootFiles() {}

    /**
     * The content of one file.
     *
     * @param root the directory that is "/" for the file
     * @param path as a process inside would name it, for example {@code /etc/passwd}
     * @param maxBytes a file longer than this is an error
     * @return empty when there is no such file
     * @throws IOException when it is no regular file, is too long, or cannot be read
     */
    public static Optional<byte[]> read(Path root, String path, int maxBytes) throws IOException {
        try (Tree top = Tree.open(root)) {
            int found = find(top, path);
            if (found < 0) {
                return Optional.empty();
            }
            try (var pinned = new OpenFile(found, root + ":" + path)) {
                return Optional.of(readPinned(pinned, maxBytes));
            }
        }
    }

    /** O_PATH opens nothing yet: what it is can be seen before a device or fifo is touched. */
    static int find(Tree root, String path) throws LinuxException {
        long resolve = FileCalls.RESOLVE_IN_ROOT | FileCalls.RESOLVE_NO_MAGICLINKS;
        for (int i = 0; i < TRIES; i++) {
            int fd = FileCalls.openat2(root.fd(), Names.terminated(path), FileCalls.O_PATH | FileCalls.O_CLOEXEC, resolve);
            if (fd >= 0) {
                return fd;
            }
            if (LibC.lastErrorIs(Errno.ENOENT) || LibC.lastErrorIs(Errno.ENOTDIR)) {
                return -1;
            }
            if (!LibC.lastErrorIs(Errno.EAGAIN)) {
                break;
            }
        }
        throw LibC.failure("openat2", root + ":" + path, "in root");
    }

    private static byte[] readPinned(OpenFile pinned, int maxBytes) throws IOException {
        FileStat stat = pinned.stat();
        if (!stat.isRegular()) {
            throw new IOException("Expected a regular file at " + pinned + ", but its mode is 0" + Integer.toOctalString(stat.mode()));
        }
        byte[] self = Names.terminated(pinned.procPath().toString());
        int fd = LibC.check(LIBC.open(self, FileCalls.O_RDONLY | FileCalls.O_CLOEXEC), "open", pinned);
        try (var file = new OpenFile(fd, pinned.toString())) {
            // Counted while reading: the size in the inode says nothing about a file that grows.
            var content = new ByteArrayOutputStream();
            ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
            while (file.read(chunk.clear()) >= 0) {
                byte[] bytes = new byte[chunk.flip().remaining()];
                chunk.get(bytes);
                content.writeBytes(bytes);
                if (content.size() > maxBytes) {
                    throw new IOException("Expected at most %d bytes in %s, but it is longer".formatted(maxBytes, pinned));
                }
            }
            return content.toByteArray();
        }
    }
}
