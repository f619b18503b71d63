package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.nio.ByteBuffer;
import jnr.constants.platform.Errno;

/** A regular file opened through {@link Tree}. Reads and writes go on where the last one ended. */
public final class OpenFile extends FileHandle {
    OpenFile(int fd, String shown) {
        super(fd, shown);
    }

    /** Writes all that remains in a direct buffer. */
    public void write(ByteBuffer bytes) throws LinuxException {
        while (bytes.hasRemaining()) {
            long written = LIBC.write(fd(), bytes, bytes.remaining());
            if (written >= 0) {
                bytes.position(bytes.position() + (int) written);
            } else if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("write", this, bytes.remaining() + " bytes");
            }
        }
    }

    /**
     * Reads into a direct buffer, from its position on.
     *
     * @return how many bytes were read, -1 at the end of the file
     */
    public int read(ByteBuffer bytes) throws LinuxException {
        while (true) {
            long count = LIBC.read(fd(), bytes, bytes.remaining());
            if (count >= 0) {
                bytes.position(bytes.position() + (int) count);
                return count == 0 ? -1 : (int) count;
            }
            if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("read", this);
            }
        }
    }
}
