package io.cairn.driver.docker.streams;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What has come of one output and was not read yet: filled by one thread, read by another, closed by any. */
final class Pipe extends InputStream {
    /** How long nothing may be taken while more wants to come: for ever. */
    static final long PATIENT = Long.MAX_VALUE;

    private final int bytesMax;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int offset;
    private int heldBytes;
    private long movedNanos = System.nanoTime();
    private long silenceNanosMax = PATIENT;
    private boolean ended;
    private boolean unwanted;

    Pipe(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    /**
     * Waits for room; a piece of any size fits into an empty pipe.
     *
     * @return false when nothing was taken for that long
     */
    boolean put(byte[] piece, long idleNanosMax) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            while (!pieces.isEmpty() && heldBytes + piece.length > bytesMax && !unwanted) {
                long left = idleNanosMax == PATIENT ? PATIENT : movedNanos + idleNanosMax - System.nanoTime();
                if (left <= 0) {
                    return false;
                }
                await(left);
            }
            if (!unwanted && piece.length > 0) {
                pieces.add(piece);
                heldBytes += piece.length;
                movedNanos = System.nanoTime();
                change.signalAll();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void await(long nanos) throws InterruptedException {
        if (nanos == PATIENT) {
            change.await();
        } else {
            change.awaitNanos(nanos);
        }
    }

    @Override
    public int available() {
        lock.lock();
        try {
            return heldBytes;
        } finally {
            lock.unlock();
        }
    }

    /** Nothing more comes; what is there can still be read. */
    void end() {
        lock.lock();
        try {
            ended = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** From now on it is at its end, too, when all is read and nothing has come for a while. */
    void giveUpAfter(long millis) {
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

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        Objects.checkFromIndexSize(from, length, target.length);
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            while (pieces.isEmpty() && !ended && !unwanted) {
                long left = silenceNanosMax == PATIENT ? PATIENT : movedNanos + silenceNanosMax - System.nanoTime();
                if (left <= 0) {
                    return -1;
                }
                await(left);
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
        change.signalAll();
        return count;
    }

    /** Nobody reads any more: what is there and what comes is dropped. */
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
    }
}
