package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.InputStream;

/** A body that comes in parts, the length of each told before it; one that is cut off is no end. */
abstract sealed class Body extends InputStream permits ChunkedBody, SizedBody {
    private final Wire wire;
    private final InputStream input;
    /** Of the part that is being read. */
    private long left;
    private boolean ended;

    Body(Wire wire, InputStream input) {
        this.wire = wire;
        this.input = input;
    }

    /**
     * Asked when nothing is left of the part before.
     *
     * @return the bytes of the next part; 0 when there is none, after which this is not asked again
     */
    abstract long nextPart() throws IOException;

    @Override
    public final int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public final int read(byte[] bytes, int offset, int length) throws IOException {
        if (length == 0) {
            return 0;
        }
        if (left == 0 && !ended) {
            left = nextPart();
            ended = left == 0;
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
}
