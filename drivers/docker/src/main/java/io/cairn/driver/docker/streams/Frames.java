package io.cairn.driver.docker.streams;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Takes the outputs of a process without a terminal apart: the engine sends both on one connection, each piece behind a header of eight
 * bytes, which are the stream's number, three zeros and the length (Docker Engine API, "Attach to a container"). With a terminal there is
 * one output, as it is. Belongs to one thread.
 */
final class Frames {
    private static final int PIECE_BYTES_MAX = 32 * 1024;
    private static final int HEADER_BYTES = 8;

    private final InputStream input;
    private final boolean terminal;
    private Stream stream = Stream.STDOUT;
    private long restBytes;

    /** As the engine numbers them. */
    enum Stream { STDIN, STDOUT, STDERR, ENGINE_ERROR }

    /** @param bytes none at the end */
    record Piece(Stream stream, byte[] bytes) {
        private static final Piece END = new Piece(Stream.STDOUT, new byte[0]);

        boolean isEnd() {
            return bytes.length == 0;
        }
    }

    Frames(InputStream input, boolean terminal) {
        this.input = input;
        this.terminal = terminal;
    }

    /** Waits for the next piece. */
    Piece next() throws IOException {
        if (terminal) {
            return piece(PIECE_BYTES_MAX);
        }
        while (restBytes == 0) {
            if (!readHeader()) {
                return Piece.END;
            }
        }
        Piece piece = piece((int) Math.min(restBytes, PIECE_BYTES_MAX));
        if (piece.isEnd()) {
            throw new EOFException("the engine's connection ended %d bytes before the end of a piece of output".formatted(restBytes));
        }
        restBytes -= piece.bytes().length;
        return piece;
    }

    private Piece piece(int bytesMax) throws IOException {
        byte[] bytes = new byte[bytesMax];
        int count = input.read(bytes);
        return count < 0 ? Piece.END : new Piece(stream, Arrays.copyOf(bytes, count));
    }

    /** @return false at the end */
    private boolean readHeader() throws IOException {
        byte[] header = input.readNBytes(HEADER_BYTES);
        if (header.length == 0) {
            return false;
        }
        if (header.length < HEADER_BYTES) {
            throw new EOFException("the engine's connection ended within the header of a piece of output");
        }
        if (header[0] < 0 || header[0] >= Stream.values().length) {
            throw new IOException("the engine sent a piece of output of a stream with the number %d, which its API does not know".formatted(header[0]));
        }
        stream = Stream.values()[header[0]];
        restBytes = Integer.toUnsignedLong(ByteBuffer.wrap(header).getInt(4));
        return true;
    }
}
