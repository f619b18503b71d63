package io.cairn.streaming;

import java.io.IOException;
import java.net.Socket;

/** A client's way to the ports of a pod. Thread-safe. */
public interface PortForward extends AutoCloseable {
    /**
     * Connects to a port; may wait.
     *
     * @throws IOException the port cannot be reached; the message is for the client
     */
    Socket connect(int port) throws IOException;

    /** The client is gone. */
    @Override
    void close();
}
