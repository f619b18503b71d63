package io.cairn.streaming;

import java.io.IOException;
import java.io.InputStream;

/** One of the streams of a connection, as the wire has it: a SPDY stream or a WebSocket channel. */
interface Lane {
    /** What the client sends on it. */
    InputStream input();

    /** Sends; waits until the connection takes it. An empty piece is sent as one. */
    void write(byte[] bytes, int from, int length) throws IOException;

    /** Nothing more will be sent. Without effect on a client that is gone. */
    void end();

    /** Nothing more will be sent or read. */
    void abort();
}
