package io.cairn.streaming;

import io.netty.channel.Channel;

/**
 * Decides whether a connection is read from. It is not while more than the limit has come that nobody has taken yet, nor while answers
 * to the client's own questions pile up that it does not read. SPDY's windows are of no use for this: the clients there are
 * (moby/spdystream) neither keep to them nor open them. Thread-safe.
 */
final class Intake {
    static final int BYTES_MAX = 256 * 1024;
    /** A piece costs more than its bytes: with this, a flood of tiny pieces is bounded as well. */
    private static final int PIECE_BYTES = 64;

    private final Channel channel;
    private long held;
    private boolean full;
    private boolean unheard;

    Intake(Channel channel) {
        this.channel = channel;
    }

    synchronized void add(int bytes) {
        held += bytes + PIECE_BYTES;
        full |= held > BYTES_MAX;
        apply();
    }

    synchronized void take(int bytes) {
        held -= bytes + PIECE_BYTES;
        full &= held > BYTES_MAX / 2;
        apply();
    }

    /** The client does not read what it is told. */
    synchronized void unheard(boolean now) {
        unheard = now;
        apply();
    }

    synchronized boolean isClosed() {
        return full || unheard;
    }

    private void apply() {
        boolean open = !full && !unheard;
        if (channel.config().isAutoRead() != open) {
            channel.config().setAutoRead(open);
        }
    }
}
