package io.cairn.linux;

import java.io.File;
import jnr.constants.platform.Errno;

/**
 * A pipe between this process and a {@link Child}, which gets one end by its number or by its path. Not thread-safe.
 *
 * <p>The pipes of {@link Process} do not serve where a child leaves grandchildren behind that hold the other end: a read of them
 * cannot be given up, and the JDK closes them when the child ends, although the grandchild may still have something to say.
 */
public final class Pipe implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final int CLOSED = -1;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private int readEnd;
    private int writeEnd;

    private Pipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    private interface Calls {
        int pipe2(int[] ends, int flags);

        long read(int fd, byte[] buffer, long count);

        long write(int fd, byte[] buffer, long count);

        int close(int fd);
    }

    public static Pipe open() throws LinuxException {
        int[] ends = new int[2];
        LibC.check(CALLS.pipe2(ends, O_CLOEXEC), "pipe2", "O_CLOEXEC");
        return new Pipe(ends[0], ends[1]);
    }

    /** One that has come to its end on both sides. */
    static Pipe closed() {
        return new Pipe(CLOSED, CLOSED);
    }

    /** What to open for writing. Opening it makes a further write end; it is valid as long as the child runs. */
    public File writeEnd() {
        return new File("/proc/%d/fd/%d".formatted(ProcessHandle.current().pid(), writeEnd));
    }

    int readFd() {
        return readEnd;
    }

    int writeFd() {
        return writeEnd;
    }

    boolean isWritable() {
        return writeEnd != CLOSED;
    }

    /** To be called once the child has its own: only then does the end of all writers show. */
    void closeWriteEnd() {
        writeEnd = closed(writeEnd);
    }

    void closeReadEnd() {
        readEnd = closed(readEnd);
    }

    private static int closed(int end) {
        if (end != CLOSED) {
            CALLS.close(end);
        }
        return CLOSED;
    }

    /**
     * Reads what is there; blocks where there is nothing, see {@link Poll}.
     *
     * @return how many bytes, 0 at the end
     */
    int read(byte[] buffer) throws LinuxException {
        while (true) {
            long count = CALLS.read(readEnd, buffer, buffer.length);
            if (count >= 0) {
                return (int) count;
            }
            if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("read", "pipe");
            }
        }
    }

    /** @return false when nobody reads any more: the JVM has SIGPIPE in hand, so that it is an error here */
    boolean write(byte[] bytes) {
        return CALLS.write(writeEnd, bytes, bytes.length) == bytes.length;
    }

    @Override
    public void close() {
        closeWriteEnd();
        closeReadEnd();
    }
}
