package io.cairn.streaming;

import io.netty.channel.Channel;
import java.io.IOException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * The way out of a connection. Who has data waits here until the connection takes more, one after the other, so that no more than
 * the channel's high-water mark and one piece is ever under way. Thread-safe.
 */
final class Outlet {
    private final Channel channel;
    private final ReentrantLock lock = new ReentrantLock(true);
    private final Condition change = lock.newCondition();
    private boolean gone;

    Outlet(Channel channel) {
        this.channel = channel;
    }

    /**
     * Writes a message when the connection takes one. Not for event loops.
     *
     * @param message made when it is its turn
     * @throws IOException the client is gone
     */
    void send(Supplier<Object> message) throws IOException {
        lock.lock();
        try {
            while (!gone && !channel.isWritable()) {
                change.awaitUninterruptibly();
            }
            if (gone) {
                throw new IOException("the client is gone");
            }
            channel.writeAndFlush(message.get());
        } finally {
            lock.unlock();
        }
    }

    /** The event loop's word that the channel's writability has changed. */
    void changed() {
        lock.lock();
        try {
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** The event loop's word that the channel is closed. */
    void gone() {
        lock.lock();
        try {
            gone = true;
            change.signalAll();
        } finally {
            lock.unlock();
        }
    }
}
