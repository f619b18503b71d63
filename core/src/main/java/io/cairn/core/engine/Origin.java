package io.cairn.core.engine;

import io.cairn.proto.journal.Peer;

/**
 * Where a command comes from; it is written into every event the command leads to.
 *
 * @param correlationId the CRI call; empty when none
 * @param causation sequence of the event that led here; 0 when none did
 */
public record Origin(String correlationId, Peer peer, long causation) {
    /** The runtime itself: observations and recovery. */
    public static final Origin SELF = new Origin("", Peer.getDefaultInstance(), 0);

    public Origin causedBy(long sequence) {
        return new Origin(correlationId, peer, sequence);
    }
}
