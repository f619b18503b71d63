package io.cairn.linux;

import java.nio.ByteBuffer;

/**
 * The libc calls behind {@link FileHandle}, {@link Tree}, {@link RootFiles}, {@link PlainFile} and {@link Fifo}. Every path is a NUL-terminated byte
 * array, because a file name on Linux is bytes and not text.
 */
final class FileCalls {
    static final Calls LIBC = LibC.bind(Calls.class);

    static final int O_RDONLY = 0;
    static final int O_WRONLY = 1;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0100;
    static final int O_EXCL = 0200;
    static final int O_NOCTTY = 0400;
    static final int O_APPEND = 02000;
    static final int O_NONBLOCK = 04000;
    static final int O_CLOEXEC = 02000000;
    static final int O_PATH = 010000000;
    /** These two differ between x86 and ARM (asm/fcntl.h). */
    static final int O_DIRECTORY = onArm() ? 040000 : 0200000;
    static final int O_NOFOLLOW = onArm() ? 0100000 : 0400000;

    static final int AT_FDCWD = -100;
    static final int AT_SYMLINK_NOFOLLOW = 0x100;
    static final int AT_REMOVEDIR = 0x200;
    static final int AT_NO_AUTOMOUNT = 0x800;
    static final int AT_EMPTY_PATH = 0x1000;
    static final int STATX_BASIC_STATS = 0x7ff;

    /** linux/fs.h, for machines of 64 bits (the generic ioctl encoding: x86, ARM, RISC-V). */
    static final long FS_IOC_GETFLAGS = 0x80086601L;
    static final long FS_IOC_SETFLAGS = 0x40086602L;
    /** FS_IMMUTABLE_FL and FS_APPEND_FL. */
    static final int FS_BINDING_FLAGS = 0x30;

    /** openat2(2): how a path may be walked. */
    static final long RESOLVE_NO_XDEV = 1;
    static final long RESOLVE_NO_MAGICLINKS = 2;
    static final long RESOLVE_NO_SYMLINKS = 4;
    static final long RESOLVE_BENEATH = 8;
    static final long RESOLVE_IN_ROOT = 16;

    /** The same number on every architecture (system calls added since Linux 5.1 share theirs). */
    private static final long SYS_OPENAT2 = 437;
    private static final long SIZE_OF_OPEN_HOW = 24;

    private FileCalls() {}

    interface Calls {
        int open(byte[] path, int flags);

        int openat(int directory, byte[] path, int flags, int mode);

        long syscall(long number, int directory, byte[] path, long[] how, long size);

        int close(int fd);

        long write(int fd, ByteBuffer bytes, long count);

        long read(int fd, ByteBuffer bytes, long count);

        long pread(int fd, ByteBuffer bytes, long count, long offset);

        long pwrite(int fd, ByteBuffer bytes, long count, long offset);

        int ftruncate(int fd, long length);

        int mkdirat(int directory, byte[] path, int mode);

        int mknodat(int directory, byte[] path, int mode, long device);

        int symlinkat(byte[] target, int directory, byte[] path);

        int linkat(int oldDirectory, byte[] oldPath, int newDirectory, byte[] newPath, int flags);

        int renameat(int oldDirectory, byte[] oldPath, int newDirectory, byte[] newPath);

        int unlinkat(int directory, byte[] path, int flags);

        int fchownat(int directory, byte[] path, int uid, int gid, int flags);

        int fchmodat(int directory, byte[] path, int mode, int flags);

        int utimensat(int directory, byte[] path, long[] times, int flags);

        int futimens(int fd, long[] times);

        int fchown(int fd, int uid, int gid);

        int fchmod(int fd, int mode);

        int fsetxattr(int fd, byte[] name, byte[] value, long size, int flags);

        int lsetxattr(byte[] path, byte[] name, byte[] value, long size, int flags);

        long fgetxattr(int fd, byte[] name, byte[] value, long size);

        long flistxattr(int fd, byte[] names, long size);

        long readlinkat(int directory, byte[] path, byte[] target, long size);

        int statx(int directory, byte[] path, int flags, int mask, byte[] result);

        long getdents64(int fd, byte[] entries, long size);

        int ioctl(int fd, long request, int[] argument);

        int fsync(int fd);

        int syncfs(int fd);
    }

    static int openat2(int directory, byte[] path, int flags, long resolve) {
        return (int) LIBC.syscall(SYS_OPENAT2, directory, path, new long[] {flags, 0, resolve}, SIZE_OF_OPEN_HOW);
    }

    private static boolean onArm() {
        String arch = System.getProperty("os.arch", "");
        return arch.equals("aarch64") || arch.startsWith("arm");
    }
}
