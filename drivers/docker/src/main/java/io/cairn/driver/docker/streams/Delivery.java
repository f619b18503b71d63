package io.cairn.driver.docker.streams;

import io.cairn.driver.docker.engine.EngineStream;
import io.cairn.driver.host.UnreadOutput;
import io.cairn.driver.host.UnreadOutput.Limit;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Brings what a process says to whoever reads it, as fast as he does: what he does not take waits in the engine, and in the end the process
 * waits. Thread-safe; to be closed.
 */
final class Delivery implements AutoCloseable {
    /** What waits here of one output at most; the engine keeps as much again. */
    static final int HELD_BYTES_MAX = 1 << 20;

    private final EngineStream connection;
    private final Frames frames;
    private final long idleNanosMax;
    private final UnreadOutput stdout = new UnreadOutput(Limit.bytes(HELD_BYTES_MAX));
    private final UnreadOutput stderr = new UnreadOutput(Limit.bytes(HELD_BYTES_MAX));
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean closed;
    private volatile String failure = "";

    private Delivery(EngineStream connection, boolean terminal, long idleNanosMax) {
        this.connection = connection;
        this.frames = new Frames(connection.output(), terminal);
        this.idleNanosMax = idleNanosMax;
    }

    /**
     * @param idleNanosMax who takes nothing for so long while more wants to come is sent away; 0: at once, {@link UnreadOutput#PATIENT}: never
     */
    static Delivery start(EngineStream connection, boolean terminal, long idleNanosMax) {
        var delivery = new Delivery(connection, terminal, idleNanosMax);
        Thread.ofVirtual().name("cairn-docker-output").start(delivery::run);
        return delivery;
    }

    private void run() {
        try {
            for (Frames.Piece piece = frames.next(); !piece.isEnd(); piece = frames.next()) {
                if (!output(piece).put(piece.bytes(), idleNanosMax)) {
                    sendAway();
                    return;
                }
            }
        } catch (IOException e) {
            failure = closed ? "" : e.getMessage();
        } catch (InterruptedException e) {
            failure = "interrupted";
        } finally {
            stdout.end();
            stderr.end();
            ended.countDown();
        }
    }

    private UnreadOutput output(Frames.Piece piece) throws IOException {
        return switch (piece.stream()) {
            case STDIN, STDOUT -> stdout;
            case STDERR -> stderr;
            case ENGINE_ERROR -> throw new IOException("the engine says: " + Texts.clean(piece.bytes()));
        };
    }

    private void sendAway() {
        failure = idleNanosMax == 0
                ? "the output came faster than it was taken: more than %d bytes waited".formatted(HELD_BYTES_MAX)
                : "nothing of the output was taken for %d s".formatted(TimeUnit.NANOSECONDS.toSeconds(idleNanosMax));
        connection.close();
        stdout.close();
        stderr.close();
    }

    UnreadOutput stdout() {
        return stdout;
    }

    UnreadOutput stderr() {
        return stderr;
    }

    /** What the process has said on stdout as far as it came, once no more comes. */
    String firstWords() throws IOException {
        return Texts.clean(stdout.readNBytes(Texts.BYTES_MAX));
    }

    /** @return whether nothing more comes */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        return ended.await(limit.toNanos(), TimeUnit.NANOSECONDS);
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }

    boolean isClosed() {
        return closed;
    }

    /** Why it ended before its time; empty when it did not. */
    String failure() {
        return failure;
    }

    /** The process has ended; whoever was left behind and holds its output keeps nobody waiting. */
    void giveUpAfter(long silenceMillis) {
        stdout.giveUpAfter(silenceMillis);
        stderr.giveUpAfter(silenceMillis);
    }

    /** Nobody reads any more. */
    @Override
    public void close() {
        closed = true;
        connection.close();
        stdout.close();
        stderr.close();
    }
}
