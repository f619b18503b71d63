package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.CheckpointBackend.Spec;
import io.cairn.core.driver.DriverException;
import java.io.IOException;
import java.nio.file.Path;

/** A driver's part of writing one container down: its processes. */
public interface Dumper {
    /** Makes one for a container, which need not be there any more. */
    @FunctionalInterface
    interface Factory {
        /** @param runtimeHandler of its pod; empty where that is not known */
        Dumper of(String containerId, String runtimeHandler) throws DriverException;
    }

    /** Name of the OCI runtime, for the archive. */
    String runtime();

    /** @throws DriverException UNSUPPORTED where its processes cannot be written down on this host, and why */
    void require() throws DriverException;

    /** Has its processes stand still. */
    void halt() throws DriverException;

    /** Has them go on; nothing happens where they do. */
    void goOn() throws DriverException;

    /**
     * Writes its processes, which stand still, with file locks and open connections: programs that have any could not be written down
     * otherwise. When this throws, nothing works on it any more.
     *
     * @param archive whose directories are there
     */
    void dump(Spec spec, CheckpointArchive archive) throws IOException, DriverException;

    /**
     * Waits for the end of what a daemon before this one has begun, and could not see to its end; what does not end is killed.
     *
     * @param directory in which CRIU works
     */
    void settle(Path directory) throws IOException, DriverException;
}
