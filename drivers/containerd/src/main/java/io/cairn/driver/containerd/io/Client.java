package io.cairn.driver.containerd.io;

import io.cairn.driver.host.UnreadOutput;
import io.cairn.streaming.Endpoint.Stdio;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * One who is attached to a container. Who also writes to it is waited for, since the two talk with each other, as long as he takes
 * something now and then; who only looks on is not, and is sent away when he falls too far behind. Thread-safe.
 */
final class Client {
    /** What waits for a client at most. */
    static final int HELD_BYTES_MAX = 1 << 20;
    /** What a container says last may wait altogether: there is no more than fits into its FIFOs, and it is not held up. */
    private static final int LAST_BYTES_MAX = 4 << 20;
    private static final int ROOM_BYTES_MIN = LogLines.LINE_BYTES_MAX;
    private static final long IDLE_NANOS_MAX = TimeUnit.SECONDS.toNanos(10);

    private final UnreadOutput stdout;
    private final UnreadOutput stderr;
    private final boolean isWaitedFor;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile String failure = "";

    /** @param taken called when there may be room again */
    Client(Stdio stdio, boolean isWaitedFor, Runnable taken) {
        this.isWaitedFor = isWaitedFor;
        Runnable heard = isWaitedFor ? taken : () -> {};
        this.stdout = new UnreadOutput(heard);
        this.stderr = new UnreadOutput(heard);
        if (!stdio.stdout()) {
            stdout.close();
        }
        if (!stdio.stderr()) {
            stderr.close();
        }
    }

    UnreadOutput stdout() {
        return stdout;
    }

    UnreadOutput stderr() {
        return stderr;
    }

    private long heldBytes() {
        return stdout.heldBytes() + stderr.heldBytes();
    }

    /** How much may come without harm; none when it is less than a line may have. */
    int roomBytes() {
        if (!isWaitedFor) {
            return Integer.MAX_VALUE;
        }
        long roomBytes = HELD_BYTES_MAX - heldBytes();
        if (roomBytes > ROOM_BYTES_MIN) {
            return (int) roomBytes;
        }
        if (Math.max(stdout.idleNanos(), stderr.idleNanos()) > IDLE_NANOS_MAX) {
            sendAway("nothing of the output was taken for %d s".formatted(TimeUnit.NANOSECONDS.toSeconds(IDLE_NANOS_MAX)));
            return Integer.MAX_VALUE;
        }
        return 0;
    }

    /** @param last the container has ended */
    void give(Stream stream, byte[] piece, boolean last) {
        long heldBytes = heldBytes() + piece.length;
        if (heldBytes > (last ? LAST_BYTES_MAX : HELD_BYTES_MAX)) {
            sendAway("the output came faster than it was taken: more than %d bytes waited".formatted(HELD_BYTES_MAX));
            return;
        }
        (stream == Stream.STDOUT ? stdout : stderr).putAtOnce(piece);
    }

    private void sendAway(String reason) {
        failure = "The attachment was ended: " + reason + ". The container goes on; its log has everything";
        stdout.close();
        stderr.close();
        ended.countDown();
    }

    /** The container has ended. */
    void end() {
        stdout.end();
        stderr.end();
        ended.countDown();
    }

    /** The client is gone. */
    void close() {
        stdout.close();
        stderr.close();
        ended.countDown();
    }

    boolean isGone() {
        return ended.getCount() == 0;
    }

    void await() throws IOException, InterruptedException {
        ended.await();
        if (!failure.isEmpty()) {
            throw new IOException(failure);
        }
    }

    /** Of several the one with the least room decides. */
    static int roomBytes(Vector<Client> clients) {
        return clients.map(Client::roomBytes).min().getOrElse(Integer.MAX_VALUE);
    }
}
