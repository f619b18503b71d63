package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import jnr.constants.platform.Errno;

/**
 * A regular file opened by its path, for reading and writing, never through a symbolic link in the last place of the path. Where in
 * the file is said with each call. Buffers must be direct.
 */
public final class PlainFile extends FileHandle {
    private static final int FLAGS = FileCalls.O_RDWR | FileCalls.O_NOFOLLOW | FileCalls.O_NOCTTY | FileCalls.O_CLOEXEC
            // Of a FIFO that somebody has put there, open(2) would wait for the other end.
            | FileCalls.O_NONBLOCK;

    /** Where writes go. */
    public enum Writing {
        /** Where they say. */
        PLACED(0),
        /** To the end of the file, whatever they say and whoever else writes (O_APPEND). */
        APPENDED(FileCalls.O_APPEND);

        private final int flag;

        Writing(int flag) {
            this.flag = flag;
        }
    }

    private PlainFile(int fd, String shown) {
        super(fd, shown);
    }

    /**
     * Opens a file that is there.
     *
     * @return none when there is none
     * @throws IOException also when it is a symbolic link (ELOOP) or no regular file
     */
    public static Optional<PlainFile> open(Path file, Writing writing) throws IOException {
        int fd = LIBC.openat(FileCalls.AT_FDCWD, Names.terminated(file.toString()), FLAGS | writing.flag, 0);
        if (fd == -1 && LibC.lastErrorIs(Errno.ENOENT)) {
            return Optional.empty();
        }
        return Optional.of(regular(LibC.check(fd, "openat", file, "O_RDWR|O_NOFOLLOW"), file));
    }

    /**
     * Opens a file; one that is not there is made.
     *
     * @param permissions of one that is made, whatever the umask; one that is there keeps its own
     */
    public static PlainFile openOrCreate(Path file, int permissions, Writing writing) throws IOException {
        while (true) {
            Optional<PlainFile> there = open(file, writing);
            if (there.isPresent()) {
                return there.get();
            }
            int flags = FLAGS | writing.flag | FileCalls.O_CREAT | FileCalls.O_EXCL;
            int fd = LIBC.openat(FileCalls.AT_FDCWD, Names.terminated(file.toString()), flags, permissions);
            if (fd == -1 && LibC.lastErrorIs(Errno.EEXIST)) {
                continue;
            }
            var made = new PlainFile(LibC.check(fd, "openat", file, "O_CREAT|O_EXCL"), file.toString());
            try {
                made.chmod(permissions);
            } catch (LinuxException e) {
                made.close();
                throw e;
            }
            return made;
        }
    }

    private static PlainFile regular(int fd, Path file) throws IOException {
        var opened = new PlainFile(fd, file.toString());
        if (!opened.stat().isRegular()) {
            opened.close();
            throw new IOException("Expected %s to be a regular file, but it is something else".formatted(file));
        }
        return opened;
    }

    /**
     * Reads what fits into the buffer.
     *
     * @return how many bytes, less than fit only before the end of the file; -1 at the end
     */
    public int read(long at, ByteBuffer bytes) throws LinuxException {
        while (true) {
            long count = LIBC.pread(fd(), bytes, bytes.remaining(), at);
            if (count >= 0) {
                bytes.position(bytes.position() + (int) count);
                return count == 0 ? -1 : (int) count;
            }
            if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("pread", this, "at " + at);
            }
        }
    }

    /**
     * Writes all that remains in the buffer.
     *
     * @throws LinuxException when the file may have part of it: what the buffer has left is not there
     */
    public void write(long at, ByteBuffer bytes) throws LinuxException {
        long place = at;
        while (bytes.hasRemaining()) {
            long written = LIBC.pwrite(fd(), bytes, bytes.remaining(), place);
            if (written >= 0) {
                bytes.position(bytes.position() + (int) written);
                place += written;
            } else if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("pwrite", this, bytes.remaining() + " bytes");
            }
        }
    }

    /** Sets the length: what is beyond it is gone. */
    public void truncate(long lengthBytes) throws LinuxException {
        LibC.check(LIBC.ftruncate(fd(), lengthBytes), "ftruncate", this, lengthBytes);
    }
}
