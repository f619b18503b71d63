package io.cairn.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import jnr.constants.platform.Errno;

/**
 * An end of a pipe or a socket that virtual threads may wait on. One thread may read while another writes; {@link #close} may come at
 * any time and wakes both.
 */
public final class Descriptor implements AutoCloseable, Poller.Waiter {
    private static final int O_NONBLOCK = 04000;
    private static final int O_CLOEXEC = 02000000;
    private static final int O_PATH = 010000000;
    private static final int O_WRONLY = 1;
    private static final int O_RDWR = 2;
    private static final int F_SETFL = 4;
    private static final int AF_UNIX = 1;
    private static final int SOCK_SEQPACKET = 5;
    private static final int SHUT_WR = 1;
    private static final int SOCKET_PATH_BYTES = 108;

    private static final int PIECE_BYTES = 16 * 1024;

    private static final Calls CALLS = LibC.bind(Calls.class);

    private final Poller poller;
    private final int fd;
    private final long key;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    /** An array is copied both ways, all of it: the reader's own, which may be large, is not given to the call. */
    private final byte[] piece = new byte[PIECE_BYTES];
    private int wanted;
    private boolean closed;
    private long patienceMillis = Long.MAX_VALUE;

    private interface Calls {
        int pipe2(int[] ends, int flags);

        int open(String path, int flags);

        int socket(int domain, int type, int protocol);

        int connect(int fd, byte[] address, int length);

        int shutdown(int fd, int how);

        int fcntl(int fd, int command, long argument);

        long read(int fd, byte[] buffer, long count);

        long write(int fd, byte[] buffer, long count);

        int close(int fd);
    }

    private Descriptor(Poller poller, int fd) throws LinuxException {
        this.poller = poller;
        this.fd = fd;
        try {
            LibC.check(CALLS.fcntl(fd, F_SETFL, O_NONBLOCK), "fcntl", "F_SETFL", "O_NONBLOCK");
            this.key = poller.add(fd, this);
        } catch (LinuxException e) {
            CALLS.close(fd);
            throw e;
        }
    }

    /** A pipe: {@code ours} stays here, a child gets the other end at its start ({@link Child#start}). */
    public record Pipe(Descriptor ours, int theirs) implements AutoCloseable {
        /** The child has its end: from now on the end of all children shows. To be called once. */
        public void handedOver() {
            CALLS.close(theirs);
        }

        /** To be called instead of {@link #handedOver} when there will be no child. */
        @Override
        public void close() {
            handedOver();
            ours.close();
        }
    }

    /** We read what a child writes. */
    public static Pipe toRead(Poller poller) throws LinuxException {
        return pipe(poller, 0);
    }

    /** A child reads what we write. */
    public static Pipe toWrite(Poller poller) throws LinuxException {
        return pipe(poller, 1);
    }

    private static Pipe pipe(Poller poller, int our) throws LinuxException {
        int[] ends = new int[2];
        LibC.check(CALLS.pipe2(ends, O_CLOEXEC), "pipe2", "O_CLOEXEC");
        try {
            return new Pipe(new Descriptor(poller, ends[our]), ends[1 - our]);
        } catch (LinuxException e) {
            CALLS.close(ends[1 - our]);
            throw e;
        }
    }

    /**
     * Connects to a unix socket that keeps messages apart. Its directory is opened first, so that its path may be longer than the 107
     * bytes of an address (unix(7)).
     */
    public static Descriptor connect(Poller poller, Path socket) throws LinuxException {
        int directory = LibC.check(CALLS.open(socket.getParent().toString(), O_PATH | O_CLOEXEC), "open", socket.getParent());
        try {
            byte[] path = ("/proc/self/fd/" + directory + "/" + socket.getFileName()).getBytes(StandardCharsets.UTF_8);
            byte[] address = new byte[2 + SOCKET_PATH_BYTES];
            address[0] = (byte) (ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? AF_UNIX : 0);
            address[1] = (byte) (address[0] == 0 ? AF_UNIX : 0);
            System.arraycopy(path, 0, address, 2, Math.min(path.length, SOCKET_PATH_BYTES - 1));
            int fd = LibC.check(CALLS.socket(AF_UNIX, SOCK_SEQPACKET | O_CLOEXEC, 0), "socket", "AF_UNIX", "SOCK_SEQPACKET");
            if (CALLS.connect(fd, address, address.length) == -1) {
                LinuxException failure = LibC.failure("connect", socket);
                CALLS.close(fd);
                throw failure;
            }
            return new Descriptor(poller, fd);
        } finally {
            CALLS.close(directory);
        }
    }

    /** We read what others write to a FIFO. A read is at its end whenever nobody has it open for writing, also before the first one. */
    public static Descriptor readFifo(Poller poller, Path fifo) throws LinuxException {
        return new Descriptor(poller, LibC.check(CALLS.open(fifo.toString(), O_NONBLOCK | O_CLOEXEC), "open", fifo, "O_RDONLY"));
    }

    /**
     * Others read what we write to a FIFO. It is opened for both (fifo(7)), so that it does not matter who comes first: a reader that is
     * not there yet is no error, one that has gone leaves what is written to it lying.
     */
    public static Descriptor writeFifo(Poller poller, Path fifo) throws LinuxException {
        return new Descriptor(poller, LibC.check(CALLS.open(fifo.toString(), O_RDWR | O_NONBLOCK | O_CLOEXEC), "open", fifo, "O_RDWR"));
    }

    /** Writes a short message to a FIFO that somebody reads; fails at once when nobody does (ENXIO). */
    public static void tell(Path fifo, String message) throws LinuxException {
        int fd = LibC.check(CALLS.open(fifo.toString(), O_WRONLY | O_NONBLOCK | O_CLOEXEC), "open", fifo);
        try {
            byte[] bytes = message.getBytes(StandardCharsets.US_ASCII);
            if (CALLS.write(fd, bytes, bytes.length) != bytes.length) {
                throw LibC.failure("write", fifo, bytes.length + " bytes");
            }
        } finally {
            CALLS.close(fd);
        }
    }

    /**
     * Reads what is there, 16 KiB at most, or waits until something is.
     *
     * @return how many bytes, at least one; -1 at the end, or when {@link #giveUpAfter} says so
     */
    public int read(byte[] target, int from, int length) throws IOException {
        boolean isLast = false;
        lock.lock();
        try {
            while (true) {
                requireOpen();
                long count = CALLS.read(fd, piece, Math.min(length, piece.length));
                if (count >= 0) {
                    System.arraycopy(piece, 0, target, from, (int) count);
                    return count == 0 ? -1 : (int) count;
                }
                if (LibC.lastErrorIs(Errno.EAGAIN)) {
                    if (isLast) {
                        return -1;
                    }
                    // When the time is over it looks once more: word of what has come may be late.
                    isLast = !await(Poller.READABLE);
                } else if (!LibC.lastErrorIs(Errno.EINTR)) {
                    throw LibC.failure("read", "pipe or socket");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** Writes all of it; to a socket that keeps messages apart, as one message. */
    public void write(byte[] bytes, int from, int length) throws IOException {
        int at = from;
        lock.lock();
        try {
            while (at < from + length) {
                requireOpen();
                byte[] rest = at == 0 ? bytes : Arrays.copyOfRange(bytes, at, from + length);
                long count = CALLS.write(fd, rest, from + length - at);
                if (count >= 0) {
                    at += (int) count;
                } else if (LibC.lastErrorIs(Errno.EAGAIN)) {
                    await(Poller.WRITABLE);
                } else if (!LibC.lastErrorIs(Errno.EINTR)) {
                    throw LibC.failure("write", "pipe or socket", length + " bytes");
                }
            }
        } finally {
            lock.unlock();
        }
    }

    /** @return false when the time is over */
    private boolean await(int readiness) throws IOException {
        wanted |= readiness;
        poller.arm(fd, key, wanted);
        if (readiness == Poller.WRITABLE || patienceMillis == Long.MAX_VALUE) {
            change.awaitUninterruptibly();
            return true;
        }
        try {
            return change.await(patienceMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private void requireOpen() throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
    }

    /** From now on a read that has waited so long is the end: who holds the other end has nothing more to say that anybody waits for. */
    public void giveUpAfter(long millis) {
        lock.lock();
        try {
            patienceMillis = millis;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more will be written to this socket; reading goes on. */
    public void shutdownOutput() throws IOException {
        lock.lock();
        try {
            requireOpen();
            LibC.check(CALLS.shutdown(fd, SHUT_WR), "shutdown", "SHUT_WR");
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void wake() {
        lock.lock();
        try {
            wanted = 0;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        lock.lock();
        try {
            if (!closed) {
                closed = true;
                poller.remove(fd, key);
                CALLS.close(fd);
                change.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    public InputStream input() {
        return new InputStream() {
            @Override
            public int read() throws IOException {
                byte[] one = new byte[1];
                return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
            }

            @Override
            public int read(byte[] target, int from, int length) throws IOException {
                return length == 0 ? 0 : Descriptor.this.read(target, from, length);
            }

            @Override
            public void close() {
                Descriptor.this.close();
            }
        };
    }

    public OutputStream output() {
        return new OutputStream() {
            @Override
            public void write(int one) throws IOException {
                write(new byte[] {(byte) one}, 0, 1);
            }

            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
                Descriptor.this.write(bytes, from, length);
            }

            @Override
            public void close() {
                Descriptor.this.close();
            }
        };
    }
}
