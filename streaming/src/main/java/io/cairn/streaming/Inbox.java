package io.cairn.streaming;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Objects;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * What a client has sent on one lane and nobody has read yet. Filled by the connection's event loop, which never waits here; read by
 * one other thread. Its limit is that of the whole connection, which counts what waits on all of its lanes ({@link Intake}).
 */
final class Inbox extends InputStream {
    private final Intake intake;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition news = lock.newCondition();
    private final ArrayDeque<byte[]> pieces = new ArrayDeque<>();
    /** Of the first piece, how much is read already. */
    private int offset;
    private boolean ended;
    private boolean broken;
    private boolean unwanted;

    Inbox(Intake intake) {
        this.intake = intake;
    }

    /** The bytes are copied; the buffer stays the caller's. */
    void put(ByteBuf bytes) {
        lock.lock();
        try {
            if (ended || broken || unwanted || !bytes.isReadable()) {
                return;
            }
            byte[] piece = new byte[bytes.readableBytes()];
            bytes.readBytes(piece);
            pieces.add(piece);
            intake.add(piece.length);
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The client has said all. */
    void end() {
        lock.lock();
        try {
            ended = true;
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /** The client is gone, or has taken the lane away: what it has sent is dropped. */
    void fail() {
        lock.lock();
        try {
            broken = true;
            discard();
            news.signal();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Nobody reads any more: what comes is dropped. That is no word of the client's: a reader who waits goes on until the client has said all
     * or is gone.
     */
    @Override
    public void close() {
        lock.lock();
        try {
            unwanted = true;
            discard();
        } finally {
            lock.unlock();
        }
    }

    private void discard() {
        pieces.forEach(piece -> intake.take(piece.length));
        pieces.clear();
        offset = 0;
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
            while (pieces.isEmpty() && !ended && !broken) {
                news.awaitUninterruptibly();
            }
            if (broken) {
                throw new IOException("the client is gone");
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
            intake.take(first.length);
        }
        return count;
    }
}
