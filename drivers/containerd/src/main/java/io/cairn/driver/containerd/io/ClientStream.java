package io.cairn.driver.containerd.io;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** What a client has not read yet of one output. Filled by a thread that never waits, read by one that does. */
final class ClientStream extends InputStream {
    private final Runnable taken;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition change = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    private int offset;
    private long heldBytes;
    private long takenNanos = System.nanoTime();
    private boolean ended;
    private boolean unwanted;

    /** @param taken called after something was read */
    ClientStream(Runnable taken) {
        this.taken = taken;
    }

    /** @param piece shared with others, not to be changed */
    void put(byte[] piece) {
        lock.lock();
        try {
            if (!ended && !unwanted && piece.length > 0) {
                if (pieces.isEmpty()) {
                    takenNanos = System.nanoTime();
                }
                pieces.add(piece);
                heldBytes += piece.length;
                change.signalAll();
            }
        } finally {
            lock.unlock();
        }
    }

    long heldBytes() {
        lock.lock();
        try {
            return heldBytes;
        } finally {
            lock.unlock();
        }
    }

    /** For how long nothing has been taken of what is there. */
    long idleNanos() {
        lock.lock();
        try {
            return pieces.isEmpty() ? 0 : System.nanoTime() - takenNanos;
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
        int count;
        lock.lock();
        try {
            while (pieces.isEmpty() && !ended && !unwanted) {
                change.awaitUninterruptibly();
            }
            count = pieces.isEmpty() ? -1 : take(target, from, length);
        } finally {
            lock.unlock();
        }
        taken.run();
        return count;
    }

    private int take(byte[] target, int from, int length) {
        byte[] first = pieces.element();
        int count = Math.min(length, first.length - offset);
        System.arraycopy(first, offset, target, from, count);
        offset += count;
        heldBytes -= count;
        takenNanos = System.nanoTime();
        if (offset == first.length) {
            pieces.remove();
            offset = 0;
        }
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
        taken.run();
    }
}
