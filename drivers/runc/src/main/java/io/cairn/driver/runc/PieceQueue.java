package io.cairn.driver.runc;

import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A stream that one thread fills and another reads. Who fills it waits while it holds much. */
final class PieceQueue extends InputStream {
    private static final int PIECES_MAX = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int offset;
    private boolean ended;
    private boolean unwanted;

    void put(byte[] piece) {
        lock.lock();
        try {
            while (pieces.size() >= PIECES_MAX && !unwanted) {
                change.awaitUninterruptibly();
            }
            if (!unwanted && piece.length > 0) {
                pieces.add(piece);
                change.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    void end() {
        lock.lock();
        try {
            ended = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    @Override
    public int read() {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) {
        if (length == 0) {
            return 0;
        }
        lock.lock();
        try {
            while (pieces.isEmpty() && !ended && !unwanted) {
                change.awaitUninterruptibly();
            }
            return pieces.isEmpty() ? -1 : take(target, from, length);
        } finally {
            lock.unlock();
        }
    }

    private int take(byte[] target, int from, int length) {
        byte[] first = pieces.element();
        int count = Math.min(length, first.length - offset);
        System.arraycopy(first, offset, target, from, count);
        offset += count;
        if (offset == first.length) {
            pieces.remove();
            offset = 0;
            change.signalAll();
        }
        return count;
    }

    /** Nobody reads any more: what comes is dropped. */
    @Override
    public void close() {
        lock.lock();
        try {
            unwanted = true;
            pieces.clear();
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
