package io.cairn.streaming;

import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A process that a client is connected to. Each stream is used by one thread at a time, different streams by different threads;
 * {@link #resize} and {@link #close} may come at any time. All may wait, on a virtual thread.
 */
public interface Session extends AutoCloseable {
    /** Where the client's input goes; closing it is the end of the input. */
    OutputStream stdin();

    /** Ends when no more can come. */
    InputStream stdout();

    InputStream stderr();

    void resize(int columns, int rows) throws IOException;

    /**
     * Waits for the end of the command; for an attachment, for the end of what it is attached to. Called once for each session,
     * whatever happens.
     *
     * @return the command's exit code; none for an attachment
     * @throws IOException the end is not known; the message is for the client
     */
    Option<Integer> await() throws IOException, InterruptedException;

    /** Frees everything; before the end it means that the client is gone. Unblocks whoever reads, writes or waits. */
    @Override
    void close();
}
