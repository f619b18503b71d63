package io.cairn.testkit.stream;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** What a test's client has received and not read; one that holds much makes the receiver wait. */
public final class Pieces extends InputStream {
    private static final int PATIENCE_SECONDS = 60;
    private static final byte[] END = {};
    private static final byte[] RESET = {};

    private final LinkedBlockingQueue<byte[]> pieces = new LinkedBlockingQueue<>(64);
    private byte[] piece = {};
    private int at;

    public void put(byte[] bytes) throws InterruptedException {
        if (bytes.length > 0) {
            pieces.put(bytes);
        }
    }

    public void end() throws InterruptedException {
        pieces.put(END);
    }

    /** Ends what may hold all it can. */
    public void tryEnd() {
        pieces.offer(END);
    }

    public void cutOff() throws InterruptedException {
        pieces.put(RESET);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int from, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (at == piece.length && piece != END && piece != RESET) {
            at = 0;
            try {
                piece = pieces.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
        if (piece == null) {
            piece = RESET;
            throw new IOException("Expected data or an end, but nothing came for " + PATIENCE_SECONDS + " s");
        }
        if (piece == RESET) {
            throw new IOException("reset");
        }
        if (piece == END) {
            return -1;
        }
        int count = Math.min(length, piece.length - at);
        System.arraycopy(piece, at, target, from, count);
        at += count;
        return count;
    }

    public String text() throws IOException {
        return new String(readAllBytes(), StandardCharsets.UTF_8);
    }
}
