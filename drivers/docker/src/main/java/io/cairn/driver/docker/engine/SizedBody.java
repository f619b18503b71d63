package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.InputStream;

/** A body whose length was told before; one that is cut off is no end. */
final class SizedBody extends InputStream {
    private final Wire wire;
    private final InputStream input;
    private long left;

    SizedBody(Wire wire, InputStream input, long length) {
        this.wire = wire;
        this.input = input;
        this.left = length;
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
        if (left == 0) {
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
