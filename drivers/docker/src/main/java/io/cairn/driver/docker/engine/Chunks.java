package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/** A body whose length nobody knows before: each piece written is a chunk (RFC 9112, section 7.1), and {@link #close} says the end. */
final class Chunks extends OutputStream {
    private final OutputStream output;

    Chunks(OutputStream output) {
        this.output = output;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        if (length > 0) {
            say(Integer.toHexString(length) + "\r\n");
            output.write(bytes, offset, length);
            say("\r\n");
        }
    }

    private void say(String text) throws IOException {
        output.write(text.getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        say("0\r\n\r\n");
    }
}
