package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.oci.ImageConfig;
import io.cairn.oci.UserDatabase;
import io.vavr.collection.Set;
import java.nio.file.Path;

/** Root file systems of containers, made of images; by the container's id. Thread-safe; every method is idempotent. */
interface RootFilesystems {
    ImageConfig config(String imageId) throws DriverException;

    /** Makes a writable root out of an image; what was written to one that is there already stays. */
    void prepare(String id, String imageId) throws DriverException;

    /** Mounts it at an existing directory; nothing happens when it is mounted there. */
    void mount(String id, Path target) throws DriverException;

    /** Unmounts a root and forgets it, with what was written to it. */
    void remove(String id) throws DriverException;

    boolean exists(String id) throws DriverException;

    Set<String> ids() throws DriverException;

    /** Users and groups as a mounted root has them. */
    UserDatabase users(Path mounted) throws DriverException;
}
