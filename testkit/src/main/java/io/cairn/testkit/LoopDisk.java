package io.cairn.testkit;

import io.cairn.linux.DurableFiles;
import io.cairn.linux.LinuxException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import jnr.constants.platform.Errno;

/**
 * A file system of our own on a file, mounted through a loop device. It can lose everything that was not synced, as in a power
 * cut, and be mounted again. Needs root, and xfs_io, mkfs.ext4 or mkfs.xfs (Debian: xfsprogs, e2fsprogs).
 */
public final class LoopDisk implements AutoCloseable {
    /** mkfs.xfs makes nothing smaller. */
    private static final long XFS_BYTES_MIN = 300L << 20;

    private static final long DEADLINE_SECONDS = 60;

    private final Path image;
    private final Path mountPoint;
    private boolean mounted;

    public enum Type {
        EXT4,
        XFS
    }

    private LoopDisk(Path image, Path mountPoint) {
        this.image = image;
        this.mountPoint = mountPoint;
    }

    /** @param sizeBytes of the image; XFS takes at least 300 MiB */
    public static LoopDisk make(Path directory, Type type, long sizeBytes) throws Exception {
        Path image = directory.resolve(type + ".img");
        Path mountPoint = Files.createDirectory(directory.resolve(type + ".mnt"));
        try (var file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(type == Type.XFS ? Math.max(sizeBytes, XFS_BYTES_MIN) : sizeBytes);
        }
        switch (type) {
            case EXT4 -> run("mkfs.ext4", "-q", "-F", "-m", "0", image.toString());
            case XFS -> run("mkfs.xfs", "-q", "-f", image.toString());
        }
        var disk = new LoopDisk(image, mountPoint);
        disk.mount();
        return disk;
    }

    public Path root() {
        return mountPoint;
    }

    private void mount() throws Exception {
        run("mount", "-o", "loop", image.toString(), mountPoint.toString());
        mounted = true;
    }

    /** Everything written so far is on the disk. */
    public void sync() throws Exception {
        run("sync", "-f", mountPoint.toString());
    }

    /** From now on nothing reaches the disk, the file system's own log included. */
    public void cutPower() throws Exception {
        run("xfs_io", "-x", "-c", "shutdown", mountPoint.toString());
    }

    /**
     * Mounts what the disk holds; nobody may have a file open. The disk is a copy, for a mount namespace that somebody made in
     * the meantime keeps the old file system alive, shut down as it is, and the old image would only lead to it.
     */
    public void boot() throws Exception {
        run("umount", mountPoint.toString());
        mounted = false;
        Path copy = image.resolveSibling("copy-of-" + image.getFileName());
        run("cp", "--sparse=always", image.toString(), copy.toString());
        Files.move(copy, image, StandardCopyOption.REPLACE_EXISTING);
        mount();
    }

    /** Takes every free block, down to the last one the file system gives away. */
    public void fill() throws Exception {
        try (var filler = DurableFiles.openOrCreate(mountPoint.resolve("filler" + System.nanoTime()))) {
            long length = 0;
            for (long step = 1 << 20; step >= 4096; step /= 4) {
                while (reserved(filler, length, step)) {
                    length += step;
                }
            }
            filler.syncData();
        }
    }

    private static boolean reserved(DurableFiles.Handle file, long offset, long lengthBytes) throws LinuxException {
        try {
            file.reserve(offset, lengthBytes);
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENOSPC)) {
                return false;
            }
            throw e;
        }
    }

    /** Gives back what {@link #fill} took. */
    public void free() throws Exception {
        try (var files = Files.list(mountPoint)) {
            for (Path file : files.filter(path -> path.getFileName().toString().startsWith("filler")).toList()) {
                Files.delete(file);
            }
        }
        sync();
    }

    @Override
    public void close() throws IOException {
        if (mounted) {
            mounted = false;
            try {
                run("umount", "-l", mountPoint.toString());
            } catch (Exception e) {
                throw new IOException("Cannot unmount " + mountPoint, e);
            }
        }
    }

    private static void run(String... command) throws Exception {
        int status = exit(command);
        if (status != 0) {
            throw new IOException("%s: exit status %d".formatted(String.join(" ", command), status));
        }
    }

    private static int exit(String... command) throws Exception {
        Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
        try {
            process.getOutputStream().close();
            String output = new String(process.getInputStream().readNBytes(1 << 16), StandardCharsets.UTF_8);
            if (!process.waitFor(DEADLINE_SECONDS, TimeUnit.SECONDS)) {
                throw new IOException(String.join(" ", command) + ": not done in time: " + output);
            }
            return process.exitValue();
        } finally {
            process.destroyForcibly();
        }
    }
}
