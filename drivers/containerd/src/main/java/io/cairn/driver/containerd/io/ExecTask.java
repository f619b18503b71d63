package io.cairn.driver.containerd.io;

import java.io.IOException;

/** A command in a container. */
public interface ExecTask extends Task {
    /**
     * Waits for its end.
     *
     * @return its exit code
     * @throws IOException nobody has seen how it ended; the message is for the client
     */
    int await() throws IOException, InterruptedException;

    /** Ends it, with what it has started: its client is gone. */
    void abandon() throws IOException;
}
