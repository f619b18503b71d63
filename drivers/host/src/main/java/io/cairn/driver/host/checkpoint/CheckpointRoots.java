package io.cairn.driver.host.checkpoint;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.RootFilesystems;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.file.Path;

/** Root file systems of which it can be told what was written above their images. */
public interface CheckpointRoots extends RootFilesystems {
    /**
     * Writes what a root has above its image into a tar archive.
     *
     * @param archive a file that is not there
     * @return what of the image was taken away, by its path
     */
    Vector<String> export(String id, Path archive) throws DriverException;

    /** Puts into a root that was not mounted yet what was exported of another. */
    void apply(String id, Option<Path> archive, Vector<String> deleted) throws DriverException;

    /** The unpacked layer of an image that has all of these files, if one has; it is there for as long as the image is. */
    Option<Path> layerWith(String imageId, Vector<String> files) throws DriverException;
}
