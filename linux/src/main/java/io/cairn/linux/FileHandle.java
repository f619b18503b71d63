package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * An open file descriptor and what can be done to the very file it holds, whatever has become of its name meanwhile.
 * Not thread-safe: belongs to the thread that uses it, and must be closed.
 */
public abstract sealed class FileHandle implements AutoCloseable permits Tree, OpenFile, PlainFile {
    private final String shown;
    private int fd;

    FileHandle(int fd, String shown) {
        this.fd = fd;
        this.shown = shown;
    }

    final int fd() {
        if (fd < 0) {
            throw new IllegalStateException("Expected an open handle, but it is closed: " + shown);
        }
        return fd;
    }

    /** The path it was opened by, for messages only. */
    @Override
    public final String toString() {
        return shown;
    }

    /** A path to the open file itself through /proc, for calls that only take a path; good while this handle is open. */
    public final Path procPath() {
        return Path.of("/proc/self/fd/" + fd());
    }

    public final FileStat stat() throws LinuxException {
        byte[] result = new byte[FileStat.SIZE_OF_STATX];
        LibC.check(LIBC.statx(fd(), Names.EMPTY, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC_STATS, result), "statx", shown);
        return FileStat.parse(result);
    }

    public final void chown(int uid, int gid) throws LinuxException {
        LibC.check(LIBC.fchown(fd(), uid, gid), "fchown", shown, Integer.toUnsignedString(uid), Integer.toUnsignedString(gid));
    }

    /** @param permissions the lower twelve bits of a mode */
    public final void chmod(int permissions) throws LinuxException {
        LibC.check(LIBC.fchmod(fd(), permissions), "fchmod", shown, Integer.toOctalString(permissions));
    }

    /** Sets access and modification time to the same instant. */
    public final void setTime(long seconds, int nanos) throws LinuxException {
        LibC.check(LIBC.futimens(fd(), new long[] {seconds, nanos, seconds, nanos}), "futimens", shown, seconds);
    }

    public final void setXattr(String name, byte[] value) throws LinuxException {
        LibC.check(LIBC.fsetxattr(fd(), Names.terminated(name), value, value.length, 0), "fsetxattr", shown, name,
                value.length + " bytes");
    }

    /** The value of one extended attribute; empty when it is not set or the file system knows none. */
    public final Optional<byte[]> xattr(String name) throws LinuxException {
        byte[] key = Names.terminated(name);
        return sized("fgetxattr", (buffer, size) -> LIBC.fgetxattr(fd(), key, buffer, size));
    }

    /** Names of all extended attributes; none where the file system knows none. */
    public final List<String> xattrs() throws LinuxException {
        byte[] names = sized("flistxattr", (buffer, size) -> LIBC.flistxattr(fd(), buffer, size)).orElse(new byte[0]);
        var found = new ArrayList<String>();
        for (String name : new String(names, StandardCharsets.UTF_8).split("\0")) {
            if (!name.isEmpty()) {
                found.add(name);
            }
        }
        return List.copyOf(found);
    }

    @FunctionalInterface
    private interface Sized {
        long read(byte[] buffer, long size);
    }

    /** Asks for the length first: as a rule there is nothing, and the largest value would take 64 KiB. */
    private Optional<byte[]> sized(String call, Sized read) throws LinuxException {
        while (true) {
            long length = read.read(new byte[1], 0);
            if (length == 0) {
                return Optional.of(new byte[0]);
            }
            byte[] value = new byte[(int) Math.max(length, 0)];
            long got = length < 0 ? length : read.read(value, value.length);
            if (got >= 0) {
                return Optional.of(Arrays.copyOf(value, (int) got));
            }
            if (LibC.lastErrorIs(Errno.ENODATA) || LibC.lastErrorIs(Errno.EOPNOTSUPP)) {
                return Optional.empty();
            }
            if (!LibC.lastErrorIs(Errno.ERANGE)) {
                throw LibC.failure(call, shown);
            }
        }
    }

    /** Takes off the attributes immutable and append-only (FS_IOC_SETFLAGS, ioctl_iflags(2)), where the file system has them. */
    final void makeOrdinary() throws LinuxException {
        int[] flags = new int[2];
        if (LIBC.ioctl(fd(), FileCalls.FS_IOC_GETFLAGS, flags) == 0 && (flags[0] & FileCalls.FS_BINDING_FLAGS) != 0) {
            flags[0] &= ~FileCalls.FS_BINDING_FLAGS;
            LibC.check(LIBC.ioctl(fd(), FileCalls.FS_IOC_SETFLAGS, flags), "ioctl", shown, "FS_IOC_SETFLAGS");
        }
    }

    /** fsync(2): the content of a file, or the entries of a directory, are on stable storage afterwards. */
    public final void sync() throws LinuxException {
        LibC.check(LIBC.fsync(fd()), "fsync", shown);
    }

    /** syncfs(2): everything written to the file system this file lies on is on stable storage afterwards. */
    public final void syncFileSystem() throws LinuxException {
        LibC.check(LIBC.syncfs(fd()), "syncfs", shown);
    }

    @Override
    public final void close() {
        if (fd >= 0) {
            LIBC.close(fd);
            fd = -1;
        }
    }
}
