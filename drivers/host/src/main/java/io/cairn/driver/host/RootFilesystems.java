package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.oci.ImageConfig;
import io.cairn.oci.UserMappings;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.nio.file.Path;

/** Root file systems of containers, made of images; by the container's id. Thread-safe; every method is idempotent. */
public interface RootFilesystems {
    /** What an image says of the containers made of it. */
    ImageConfig config(String imageId) throws DriverException;

    /**
     * Makes a writable root out of an image; what was written to one that is there already stays.
     *
     * @param users of the pod, where they are not the node's
     */
    void prepare(String id, String imageId, Option<UserMappings> users) throws DriverException;

    /**
     * Mounts it at an existing directory; nothing happens when it is mounted there.
     *
     * @param userNamespace of a pod with users of its own
     */
    void mount(String id, Path target, Option<Path> userNamespace) throws DriverException;

    /** As {@link #prepare} and {@link #mount}; for a backend that answers the one with what the other would ask it. */
    default void prepareMounted(String id, String imageId, Option<UserMappings> users, Path target, Option<Path> userNamespace)
            throws DriverException {
        prepare(id, imageId, users);
        mount(id, target, userNamespace);
    }

    /** Mounts an image at an existing directory, to be read only, as the volume with this number of a container. */
    void mountVolume(String id, int number, String imageId, Path target, Option<UserMappings> users, Option<Path> userNamespace)
            throws DriverException;

    /** Unmounts a root and forgets it, with what was written to it and with the images that are mounted as volumes for it. */
    void remove(String id) throws DriverException;

    /** Measures what was written to a root: looks at every file of it. */
    LayerUse usage(String id) throws DriverException;

    boolean exists(String id) throws DriverException;

    Set<String> ids() throws DriverException;
}
