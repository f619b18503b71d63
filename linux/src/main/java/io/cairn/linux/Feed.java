package io.cairn.linux;

import java.util.Arrays;

/** What a program is to read from its standard input, and how far it has come. Used by one thread. */
final class Feed {
    /** PIPE_BUF: a pipe that poll(2) calls writable takes so much without making the writer wait. */
    private static final int PIECE_BYTES = 4096;

    private final byte[] input;
    private final Pipe pipe;
    private int written;

    Feed(byte[] input) throws LinuxException {
        this.input = input;
        this.pipe = input.length == 0 ? Pipe.closed() : Pipe.open();
    }

    Pipe pipe() {
        return pipe;
    }

    boolean isDone() {
        return !pipe.isWritable();
    }

    void push() {
        int end = Math.min(input.length, written + PIECE_BYTES);
        boolean taken = pipe.write(Arrays.copyOfRange(input, written, end));
        written = end;
        // A program is free not to read it all; its exit code tells how it went.
        if (!taken || written == input.length) {
            pipe.close();
        }
    }
}
