package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.InputStream;

/** A body in chunks (RFC 9112, section 7.1); one that is cut off is no end. */
final class ChunkedBody extends InputStream {
    private static final int LINE_BYTES_MAX = 4096;

    private final Wire wire;
    private final InputStream input;
    private long left;
    private boolean begun;
    private boolean ended;

    ChunkedBody(Wire wire, InputStream input) {
        this.wire = wire;
        this.input = input;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            nextChunk();
        }
        if (ended) {
            return -1;
        }
        int count = input.read(bytes, offset, (int) Math.min(length, left));
        if (count < 0) {
            throw wire.ended();
        }
        left -= count;
        return count;
    }

    private void nextChunk() throws IOException {
        if (begun) {
            Answer.line(wire, input, LINE_BYTES_MAX);
        }
        begun = true;
        String size = Answer.line(wire, input, LINE_BYTES_MAX).replaceFirst("[ \t]*;.*", "");
        if (!size.matches("[0-9a-fA-F]{1,15}")) {
            throw new NoAnswer(NoAnswer.Why.BROKEN, "a chunk of its answer has no length", null);
        }
        left = Long.parseLong(size, 16);
        if (left == 0) {
            ended = true;
            // Trailers say nothing anybody here wants to know.
            while (!Answer.line(wire, input, LINE_BYTES_MAX).isEmpty()) {
                continue;
            }
        }
    }
}
