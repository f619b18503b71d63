package io.cairn.linux;

import java.io.File;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import jnr.constants.platform.Errno;
import jnr.ffi.annotations.In;
import jnr.ffi.annotations.Out;
import jnr.ffi.types.size_t;
import jnr.ffi.types.ssize_t;

/**
 * A pipe that can be waited for with a limit, and whose write end is handed to a child process by its path. Not thread-safe.
 *
 * <p>The pipes of {@link Process} do not serve where a child leaves grandchildren behind that hold the other end: a read of them
 * cannot be given up, and the JDK closes them when the child ends, although the grandchild may still have something to say.
 */
public final class Pipe implements AutoCloseable {
    private static final int O_CLOEXEC = 0x80000;
    private static final short POLLIN = 1;
    private static final int POLLFD_BYTES = 8;
    private static final int POLLFD_EVENTS = 4;
    private static final int POLLFD_REVENTS = 6;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private int readEnd;
    private int writeEnd;

    private Pipe(int readEnd, int writeEnd) {
        this.readEnd = readEnd;
        this.writeEnd = writeEnd;
    }

    /** Must be public for jnr; not for callers. */
    public interface Calls {
        int pipe2(@Out int[] ends, int flags);

        int poll(byte[] pollfds, long count, int timeoutMillis);

        @ssize_t long read(int fd, @Out byte[] buffer, @size_t long count);

        int close(int fd);
    }

    public static Pipe open() throws LinuxException {
        int[] ends = new int[2];
        LibC.check(CALLS.pipe2(ends, O_CLOEXEC), "pipe2", "O_CLOEXEC");
        return new Pipe(ends[0], ends[1]);
    }

    /** What to open for writing. Opening it makes a further write end; it is valid until {@link #closeWriteEnd}. */
    public File writeEnd() {
        return new File("/proc/self/fd/" + writeEnd);
    }

    /** To be called once the child has its own: only then does the end of all writers show. */
    public void closeWriteEnd() {
        if (writeEnd >= 0) {
            CALLS.close(writeEnd);
            writeEnd = -1;
        }
    }

    /**
     * Waits until at least one of the pipes has something to read or has come to its end. Holds the calling thread in the
     * kernel: not for virtual threads.
     *
     * @param timeoutMillis 0 to look without waiting
     * @return which of them, by position
     */
    public static boolean[] await(List<Pipe> pipes, int timeoutMillis) throws LinuxException {
        var pollfds = ByteBuffer.allocate(pipes.size() * POLLFD_BYTES).order(ByteOrder.nativeOrder());
        for (int i = 0; i < pipes.size(); i++) {
            pollfds.putInt(i * POLLFD_BYTES, pipes.get(i).readEnd);
            pollfds.putShort(i * POLLFD_BYTES + POLLFD_EVENTS, POLLIN);
        }
        // poll(2), interrupted by a signal, is poll without a result.
        if (CALLS.poll(pollfds.array(), pipes.size(), timeoutMillis) == -1 && !LibC.lastErrorIs(Errno.EINTR)) {
            throw LibC.failure("poll", pipes.size() + " pipes", timeoutMillis);
        }
        boolean[] ready = new boolean[pipes.size()];
        for (int i = 0; i < ready.length; i++) {
            ready[i] = pollfds.getShort(i * POLLFD_BYTES + POLLFD_REVENTS) != 0;
        }
        return ready;
    }

    /**
     * Reads what is there; to be called when {@link #await} said so, else it blocks.
     *
     * @return how many bytes, 0 at the end
     */
    public int read(byte[] buffer) throws LinuxException {
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

    @Override
    public void close() {
        closeWriteEnd();
        if (readEnd >= 0) {
            CALLS.close(readEnd);
            readEnd = -1;
        }
    }
}
