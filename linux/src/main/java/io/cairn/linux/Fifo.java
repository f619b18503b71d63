package io.cairn.linux;

import static io.cairn.linux.FileCalls.LIBC;

import java.io.IOException;
import java.nio.file.Path;
import jnr.constants.platform.Errno;

/**
 * The reading end of a FIFO (fifo(7)) whose bytes go into a file without passing through this process: splice(2) takes them out of the
 * pipe and puts them into the file in one system call, so that a process killed at any instruction has moved them or has not.
 *
 * <p>What is in a FIFO lives as long as anybody has it open; its name alone keeps nothing. Used by one thread at a time; who waits is
 * told on the {@link Poller}'s thread.
 */
public final class Fifo implements AutoCloseable, Poller.Waiter {
    /** Answers of {@link #moveTo}. */
    public static final int EMPTY = -1;
    public static final int NOBODY_WRITES = 0;

    private static final int F_SETPIPE_SZ = 1031;
    private static final int SPLICE_F_NONBLOCK = 2;
    private static final int CAPACITY_BYTES_MIN = 64 * 1024;
    private static final int READ_FLAGS = FileCalls.O_RDONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private final Poller poller;
    private final Path path;
    private final Runnable news;
    private int fd;
    private long key;
    private boolean closed;

    private interface Calls {
        /** The answer is a ssize_t; what is asked for here fits into an int. */
        int splice(int from, long[] fromOffset, int to, long[] toOffset, long count, int flags);

        int fcntl(int fd, int command, long argument);

        int close(int fd);
    }

    private Fifo(Poller poller, Path path, Runnable news, int fd) {
        this.poller = poller;
        this.path = path;
        this.news = news;
        this.fd = fd;
    }

    /**
     * Makes a FIFO; one that is there stays.
     *
     * @throws IOException also when something else has the name
     */
    public static void make(Path path, int permissions) throws IOException {
        byte[] name = Names.terminated(path.toString());
        if (LIBC.mknodat(FileCalls.AT_FDCWD, name, FileStat.FIFO | permissions, 0) == -1) {
            if (!LibC.lastErrorIs(Errno.EEXIST)) {
                throw LibC.failure("mknodat", path, "FIFO");
            }
            CALLS.close(open(path, READ_FLAGS, "O_RDONLY"));
        }
    }

    /**
     * Opens a FIFO for reading, whether or not anybody writes.
     *
     * @param news called when what {@link #awaitNews} was for has come; must not wait
     */
    public static Fifo openToRead(Poller poller, Path path, Runnable news) throws IOException {
        var fifo = new Fifo(poller, path, news, open(path, READ_FLAGS, "O_RDONLY"));
        try {
            fifo.key = poller.add(fifo.fd, fifo);
        } catch (LinuxException e) {
            CALLS.close(fifo.fd);
            throw e;
        }
        return fifo;
    }

    /** Whether anybody has a FIFO open for reading. */
    public static boolean isRead(Path path) throws IOException {
        try {
            CALLS.close(open(path, FileCalls.O_WRONLY | FileCalls.O_NONBLOCK | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC, "O_WRONLY"));
            return true;
        } catch (LinuxException e) {
            if (e.is(Errno.ENXIO)) {
                return false;
            }
            throw e;
        }
    }

    /** Takes a FIFO's name away; whoever waits in open(2) for its other end goes on, also one who has looked the name up just before. */
    public static void dissolve(Path path) throws IOException {
        int both;
        try {
            both = open(path, FileCalls.O_RDWR | FileCalls.O_NONBLOCK | FileCalls.O_NOFOLLOW | FileCalls.O_CLOEXEC, "O_RDWR");
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT)) {
                return;
            }
            throw e;
        }
        try {
            byte[] name = Names.terminated(path.toString());
            if (LIBC.unlinkat(FileCalls.AT_FDCWD, name, 0) == -1 && !LibC.lastErrorIs(Errno.ENOENT)) {
                throw LibC.failure("unlinkat", path);
            }
        } finally {
            CALLS.close(both);
        }
    }

    private static int open(Path path, int flags, String shown) throws IOException {
        String name = path.toString();
        int fd = LibC.check(LIBC.openat(FileCalls.AT_FDCWD, Names.terminated(name), flags, 0), "openat", name, shown);
        byte[] statx = new byte[FileStat.SIZE_OF_STATX];
        int answer = LIBC.statx(fd, Names.EMPTY, FileCalls.AT_EMPTY_PATH, FileCalls.STATX_BASIC_STATS, statx);
        if (answer == -1 || (FileStat.parse(statx).mode() & FileStat.TYPE_MASK) != FileStat.FIFO) {
            CALLS.close(fd);
            throw new IOException("Expected %s to be a FIFO, but it is something else".formatted(path));
        }
        return fd;
    }

    /**
     * Lets the pipe hold so much, or the most this process is granted (pipe(7), pipe-max-size and pipe-user-pages-soft).
     *
     * @return how many bytes it holds; 64 KiB, what pipes have from the start, when nothing is granted
     */
    public int enlarge(int bytes) {
        for (int size = bytes; size > CAPACITY_BYTES_MIN; size /= 2) {
            int granted = CALLS.fcntl(fd, F_SETPIPE_SZ, size);
            if (granted != -1) {
                return granted;
            }
        }
        return CAPACITY_BYTES_MIN;
    }

    /** Its number in this process, for handing it to a child; stays this object's to close. */
    public int descriptor() {
        return fd;
    }

    /**
     * Moves what is there, so much at most, to a place in a file.
     *
     * @return how many bytes; {@link #EMPTY} when there is nothing now, {@link #NOBODY_WRITES} when nobody could write any more, or yet
     * @throws LinuxException the bytes are still in the pipe (ENOSPC: no room for the file)
     */
    public int moveTo(PlainFile file, long at, int bytesMax) throws LinuxException {
        while (true) {
            int moved = CALLS.splice(fd, null, file.fd(), new long[] {at}, bytesMax, SPLICE_F_NONBLOCK);
            if (moved >= 0) {
                return moved;
            }
            if (LibC.lastErrorIs(Errno.EAGAIN)) {
                return EMPTY;
            }
            if (!LibC.lastErrorIs(Errno.EINTR)) {
                throw LibC.failure("splice", path, file, "at " + at);
            }
        }
    }

    /** Has {@code news} called once, when there is something, or when the last writer leaves. */
    public void awaitNews() throws LinuxException {
        poller.arm(fd, key, Poller.READABLE);
    }

    /**
     * To be called when nobody writes and yet somebody may: the end that is shown for good to an old reader is not shown to a new one
     * (fifo(7): poll(2) says POLLHUP to whoever was there with a writer that has left).
     */
    public void forgetWriters() throws IOException {
        int fresh = open(path, READ_FLAGS, "O_RDONLY");
        long freshKey;
        try {
            freshKey = poller.add(fresh, this);
        } catch (LinuxException e) {
            CALLS.close(fresh);
            throw e;
        }
        poller.remove(fd, key);
        CALLS.close(fd);
        fd = fresh;
        key = freshKey;
    }

    @Override
    public void wake() {
        news.run();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            poller.remove(fd, key);
            CALLS.close(fd);
        }
    }
}
