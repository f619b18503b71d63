package io.cairn.driver.containerd.io;

import java.io.IOException;

/** What a process' streams need of its shim. Thread-safe; may wait, on a virtual thread. */
public interface Task {
    /** The shim ends the input once it has passed on what is in the FIFO; succeeds when there is no input or no process any more. */
    void closeStdin() throws IOException;

    void resize(int columns, int rows) throws IOException;
}
