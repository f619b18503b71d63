package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import java.io.IOException;
import java.nio.file.Path;

/** How a driver runs the inits of pods: OCI containers whose root is there and that have neither input nor output. Thread-safe. */
public interface InitRunner {
    /**
     * Starts the init whose {@code config.json} is in a directory; its process runs when this returns.
     *
     * @param id under which the backend knows it; nothing of that id is there
     * @param bundle where the process' pid is in the file {@code pid} afterwards
     */
    void start(String id, Path bundle, String handler) throws IOException, DriverException;

    /**
     * Takes away what the backend has of an init, except its processes; waits until no start of it is under way that a daemon before this
     * one has begun. Succeeds when there is nothing.
     *
     * @param bundle the directory given at its start; not there when it was never tried
     * @param handler may be one that the configuration does not know any more
     */
    void remove(String id, Path bundle, String handler) throws IOException, DriverException;
}
