package io.cairn.core.driver;

import io.vavr.control.Option;
import java.nio.file.Path;

/**
 * Containers that are written down as they are and go on from there, by CRIU (criu.org). Thread-safe; each method returns or throws
 * within a deadline of its own.
 */
public interface CheckpointBackend {
    /**
     * What an archive says of the container it was written from.
     *
     * @param imageName of the image it was made of, as it was asked for
     * @param imageRef of the same, by digest; empty when the archive does not tell
     */
    record Archived(String containerName, String imageName, String imageRef) {}

    /**
     * @param id of this checkpoint, among all of the container's
     * @param location absolute
     * @param timeoutMillis 0 for no limit but the driver's own
     * @param about what the archive says of the container
     */
    record Spec(String containerId, String id, Path location, long timeoutMillis, Archived about) {}

    /**
     * Writes the processes of a running container, and what it has changed of its root file system, into an archive; it runs on. The
     * archive is on stable storage when this returns, and takes the place of a file that was there.
     *
     * @return size of the archive
     */
    long checkpoint(Spec spec) throws DriverException;

    /**
     * What came of a {@link #checkpoint} that was cut off: the size of its archive if that is whole. If not, what it has left is taken
     * away, and the container runs on as if it had never been tried.
     */
    Option<Long> settle(String containerId, String checkpointId) throws DriverException;

    /** Looks into an archive, which anybody may have written. */
    Archived read(Path archive) throws DriverException;

    /** The same of an image whose files are those of an archive; none of any other. Asked for every container: must be cheap. */
    Option<Archived> ofImage(String imageId) throws DriverException;
}
