package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.InputStream;

/** A body in chunks (RFC 9112, section 7.1). */
final class ChunkedBody extends Body {
    private static final int LINE_BYTES_MAX = 4096;

    private final Wire wire;
    private final InputStream input;
    private boolean begun;

    ChunkedBody(Wire wire, InputStream input) {
        super(wire, input);
        this.wire = wire;
        this.input = input;
    }

    @Override
    long nextPart() throws IOException {
        if (begun) {
            line();
        }
        begun = true;
        String size = line().replaceFirst("[ \t]*;.*", "");
        if (!size.matches("[0-9a-fA-F]{1,15}")) {
            throw new NoAnswer(NoAnswer.Why.BROKEN, "a chunk of its answer has no length", null);
        }
        long length = Long.parseLong(size, 16);
        if (length == 0) {
            // Trailers say nothing anybody here wants to know.
            while (!line().isEmpty()) {
                continue;
            }
        }
        return length;
    }

    private String line() throws IOException {
        return Answer.line(wire, input, LINE_BYTES_MAX);
    }
}
