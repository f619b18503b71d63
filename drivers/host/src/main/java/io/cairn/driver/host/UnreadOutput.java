package io.cairn.driver.host;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What has come of one output of a process and its client has not read yet. Filled by one thread, a piece at a time, read by another, ended or
 * closed by any.
 *
 * <p>Who fills it and can wait does so while a limit is reached ({@link #put}). Who cannot wait ({@link #putAtOnce}) keeps a limit of his own,
 * which may be one for several outputs: he sees what waits here and for how long, and is told when something was taken.
 */
public final class UnreadOutput extends InputStream {
    /** How long nothing may be taken while more wants to come: for ever. */
    public static final long PATIENT = Long.MAX_VALUE;

    private final Limit limit;
    private final Runnable taken;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    /** Of the first piece, how much is read already. */
    private int offset;
    private long heldBytes;
    /** When something came or was taken last. */
    private long movedNanos = System.nanoTime();
    /** When something was taken last, or was there again to be taken. */
    private long takenNanos = movedNanos;
    private long silenceNanosMax = PATIENT;
    private boolean ended;
    private boolean unwanted;

    /** Up to where more may come. */
    @FunctionalInterface
    public interface Limit {
        /**
         * @param pieces that wait, the first of them perhaps read in part
         * @param heldBytes what is left to read of them
         * @param nextBytes what wants to come
         */
        boolean admits(int pieces, long heldBytes, int nextBytes);

        /** A piece of any size fits where nothing waits. */
        static Limit bytes(long bytesMax) {
            return (pieces, heldBytes, nextBytes) -> pieces == 0 || heldBytes + nextBytes <= bytesMax;
        }

        static Limit pieces(int piecesMax) {
            return (pieces, _, _) -> pieces < piecesMax;
        }
    }

    private UnreadOutput(Limit limit, Runnable taken) {
        this.limit = limit;
        this.taken = taken;
    }

    /** For one who waits while the limit is reached. */
    public UnreadOutput(Limit limit) {
        this(limit, () -> {});
    }

    /**
     * For one who cannot wait.
     *
     * @param taken called by the reader's thread after each read, and by whoever closes this; must not wait
     */
    public UnreadOutput(Runnable taken) {
        this((_, _, _) -> true, taken);
    }

    /**
     * Waits for room. What comes after the end, or when nobody reads any more, is dropped.
     *
     * @param piece not to be changed any more
     * @param idleNanosMax how long to wait since something came or was taken last; 0: not at all, {@link #PATIENT}: for ever
     * @return false when there was no room for so long; the piece is not taken in
     */
    public boolean put(byte[] piece, long idleNanosMax) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!unwanted && !limit.admits(pieces.size(), heldBytes, piece.length)) {
                if (!awaitChange(idleNanosMax)) {
                    return false;
                }
            }
            add(piece);
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Takes a piece in, however much waits already. What comes after the end, or when nobody reads any more, is dropped.
     *
     * @param piece not to be changed any more
     */
    public void putAtOnce(byte[] piece) {
        lock.lock();
        try {
            add(piece);
        } finally {
            lock.unlock();
        }
    }

    private void add(byte[] piece) {
        if (ended || unwanted || piece.length == 0) {
            return;
        }
        movedNanos = System.nanoTime();
        if (pieces.isEmpty()) {
            takenNanos = movedNanos;
        }
        pieces.add(piece);
        heldBytes += piece.length;
        change.signalAll();
    }

    /** @return false when nothing has come or was taken for that long */
    private boolean awaitChange(long idleNanosMax) throws InterruptedException {
        if (idleNanosMax == PATIENT) {
            change.await();
            return true;
        }
        long left = movedNanos + idleNanosMax - System.nanoTime();
        if (left <= 0) {
            return false;
        }
        change.awaitNanos(left);
        return true;
    }

    /** What waits to be read. */
    public long heldBytes() {
        lock.lock();
        try {
            return heldBytes;
        } finally {
            lock.unlock();
        }
    }

    /** For how long nothing has been taken of what is there; 0 when nothing is. */
    public long idleNanos() {
        lock.lock();
        try {
            return pieces.isEmpty() ? 0 : System.nanoTime() - takenNanos;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int available() {
        return (int) Math.min(heldBytes(), Integer.MAX_VALUE);
    }

    /** Nothing more comes; what is there can still be read. */
    public void end() {
        lock.lock();
        try {
            ended = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on it is at its end, too, when all is read and nothing has come for a while. */
    public void giveUpAfter(long millis) {
        lock.lock();
        try {
            silenceNanosMax = TimeUnit.MILLISECONDS.toNanos(millis);
            movedNanos = System.nanoTime();
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    /** @throws IOException the thread was interrupted while it waited; it still is */
    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, target.length);
        if (length == 0) {
            return 0;
        }
        int count = awaitAndTake(target, from, length);
        taken.run();
        return count;
    }

    private int awaitAndTake(byte[] target, int from, int length) throws IOException {
        lock.lock();
        try {
            while (pieces.isEmpty() && !ended && !unwanted) {
                if (!awaitChange(silenceNanosMax)) {
                    return -1;
                }
            }
            return pieces.isEmpty() ? -1 : take(target, from, length);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } finally {
            lock.unlock();
        }
    }

    private int take(byte[] target, int from, int length) {
        byte[] first = pieces.element();
        int count = Math.min(length, first.length - offset);
        System.arraycopy(first, offset, target, from, count);
        offset += count;
        heldBytes -= count;
        if (offset == first.length) {
            pieces.remove();
            offset = 0;
        }
        movedNanos = System.nanoTime();
        takenNanos = movedNanos;
        change.signalAll();
        return count;
    }

    /** Nobody reads any more: what is there and what comes is dropped, and nobody who fills it waits. */
    @Override
    public void close() {
        lock.lock();
        try {
            unwanted = true;
            pieces.clear();
            heldBytes = 0;
            change.signalAll();
        } finally {
            lock.unlock();
        }
        taken.run();
    }
}
