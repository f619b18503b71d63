package io.cairn.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import jnr.constants.platform.Errno;

/**
 * Files whose bytes must survive power loss: blocks reserved before they are used, data synced with an error that is
 * thrown, directories synced after a name in them changed.
 *
 * <p>Unlike a {@link FileChannel}, a {@link Handle} is not closed when the thread that uses it is interrupted.
 */
public final class DurableFiles {
    private static final int O_RDWR = 2;
    private static final int O_CLOEXEC = 0x80000;
    private static final int O_CREAT = 0x40;
    private static final int OWNER_ONLY = 0600;
    private static final int DIRECTORY_OWNER_ONLY = 0700;
    private static final int LOCK_EX = 2;
    private static final int LOCK_NB = 4;

    /** struct statvfs of statvfs(3) on 64-bit glibc: unsigned long f_bsize, f_frsize, f_blocks, f_bfree, f_bavail, ... */
    private static final int STATVFS_BYTES = 112;
    private static final int STATVFS_FRSIZE = 8;
    private static final int STATVFS_BAVAIL = 32;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private DurableFiles() {}

    private interface Calls {
        int open(String path, int flags, int mode);

        int close(int fd);

        int mkdir(String path, int mode);

        int fallocate(int fd, int mode, long offset, long length);

        int fdatasync(int fd);

        int ftruncate(int fd, long length);

        long pwrite(int fd, byte[] bytes, long count, long offset);

        int fstatvfs(int fd, byte[] statvfs);

        int flock(int fd, int operation);
    }

    /** Opens an existing file for reading and writing. */
    public static Handle open(Path file) throws LinuxException {
        int fd = LibC.check(CALLS.open(file.toString(), O_RDWR | O_CLOEXEC, 0), "open", file, "O_RDWR|O_CLOEXEC");
        return new Handle(file, fd);
    }

    /** Opens a file for reading and writing; one that is not there is made, for the owner only. */
    public static Handle openOrCreate(Path file) throws LinuxException {
        int flags = O_RDWR | O_CREAT | O_CLOEXEC;
        int fd = LibC.check(CALLS.open(file.toString(), flags, OWNER_ONLY), "open", file, "O_RDWR|O_CREAT|O_CLOEXEC");
        return new Handle(file, fd);
    }

    /** Makes a directory for the owner only; its parent must be there and it must not. */
    public static void createDirectory(Path directory) throws LinuxException {
        LibC.check(CALLS.mkdir(directory.toString(), DIRECTORY_OWNER_ONLY), "mkdir", directory, "0700");
    }

    /** Makes names that were created in, renamed in or removed from a directory survive power loss: fsync(2), NOTES. */
    public static void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            throw new IOException("Cannot fsync the directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /** An open file. Not thread-safe. */
    public static final class Handle implements AutoCloseable {
        private final Path file;
        private final int fd;
        private boolean closed;

        private Handle(Path file, int fd) {
            this.file = file;
            this.fd = fd;
        }

        /**
         * Gives the range real blocks, full of zeros, and lets the file grow to its end: a later write there, through a
         * mapping as well, cannot fail for want of space. File systems without fallocate(2) get the zeros written.
         *
         * @throws LinuxException ENOSPC or EDQUOT when there is no room; part of the range may have been reserved
         */
        public void reserve(long offset, long lengthBytes) throws LinuxException {
            while (CALLS.fallocate(fd, 0, offset, lengthBytes) == -1) {
                if (LibC.lastErrorIs(Errno.EOPNOTSUPP)) {
                    writeZeros(offset, lengthBytes);
                    return;
                }
                if (!LibC.lastErrorIs(Errno.EINTR)) {
                    throw LibC.failure("fallocate", file, offset, lengthBytes);
                }
            }
        }

        private void writeZeros(long offset, long lengthBytes) throws LinuxException {
            byte[] zeros = new byte[1 << 16];
            for (long at = offset; at < offset + lengthBytes; at += zeros.length) {
                write(at, zeros, (int) Math.min(zeros.length, offset + lengthBytes - at));
            }
        }

        /** Sets the length; what is beyond it, reserved blocks included, is given back. */
        public void truncate(long lengthBytes) throws LinuxException {
            LibC.check(CALLS.ftruncate(fd, lengthBytes), "ftruncate", file, lengthBytes);
        }

        public void write(long offset, byte[] bytes) throws LinuxException {
            write(offset, bytes, bytes.length);
        }

        private void write(long offset, byte[] bytes, int count) throws LinuxException {
            long written = CALLS.pwrite(fd, bytes, count, offset);
            if (written != count) {
                throw LibC.failure("pwrite", file, count + " bytes at " + offset, "wrote " + written);
            }
        }

        /**
         * Everything written to the file so far, through any descriptor or shared mapping, is on stable storage when this
         * returns: fdatasync(2). After a failure the kernel may have dropped the data: do not retry, stop.
         */
        public void syncData() throws LinuxException {
            LibC.check(CALLS.fdatasync(fd), "fdatasync", file);
        }

        /**
         * Takes the advisory lock of flock(2) on this open file. It ends when the handle is closed or the process ends, however
         * it ends; other descriptors of the same file, in this process too, neither share nor release it.
         *
         * @return false if another one holds it
         */
        public boolean tryLock() throws LinuxException {
            if (CALLS.flock(fd, LOCK_EX | LOCK_NB) == 0) {
                return true;
            }
            if (LibC.lastErrorIs(Errno.EWOULDBLOCK)) {
                return false;
            }
            throw LibC.failure("flock", file, "LOCK_EX|LOCK_NB");
        }

        /** Bytes an unprivileged process could still take on the file's file system: f_bavail of statvfs(3). */
        public long freeBytes() throws LinuxException {
            ByteBuffer statvfs = ByteBuffer.allocate(STATVFS_BYTES).order(ByteOrder.nativeOrder());
            LibC.check(CALLS.fstatvfs(fd, statvfs.array()), "fstatvfs", file);
            return statvfs.getLong(STATVFS_BAVAIL) * statvfs.getLong(STATVFS_FRSIZE);
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                CALLS.close(fd);
            }
        }
    }
}
