package io.cairn.core.driver;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;

/**
 * How clients are connected to processes. Thread-safe; each method is called on a virtual thread, and returns or throws within a
 * deadline of its own.
 */
public interface StreamBackend {
    /**
     * Runs a command in a running container, connected to its caller. Returns when the command runs.
     *
     * <p>A session that is closed before the command has ended ends it, with what it has started. {@link Driver#abandonExec} does so for
     * one whose daemon is gone.
     *
     * @param spec without a time limit
     */
    Session openExec(ExecSpec spec, Stdio stdio) throws DriverException;

    /**
     * Connects to the main process of a running container; output of before is not brought. Ends when the container does, or when it is
     * closed, which the container does not notice but for the end of an input that was to end with its first client.
     */
    Session attach(String containerId, Stdio stdio) throws DriverException;

    /** The container's log file was moved away: goes on in a new one at its old path. No line is lost; succeeds when nothing was moved. */
    void reopenLog(String containerId) throws DriverException;
}
