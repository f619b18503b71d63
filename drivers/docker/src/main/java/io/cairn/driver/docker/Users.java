package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.NewContainer;
import io.cairn.driver.host.Failures;
import io.cairn.oci.UserDatabase;
import io.vavr.collection.HashMap;

/**
 * Users and groups of images. The engine shows an image's files only in a container of it: so a first one is made to be looked into, under
 * the id and with the label of the container that is wanted, and taken away again. Thread-safe.
 */
final class Users {
    private final Owned owned;
    private final Engine engine;
    private final ByImage<UserDatabase> known = new ByImage<>();

    Users(Owned owned, Engine engine) {
        this.owned = owned;
        this.engine = engine;
    }

    /** @param containerId of which nothing is in the engine, neither before nor after */
    UserDatabase of(String imageId, String containerId) throws DriverException {
        return known.of(imageId, () -> look(imageId, containerId));
    }

    private UserDatabase look(String imageId, String containerId) throws DriverException {
        String made = owned.create(new NewContainer(containerId, imageId, command -> command.withLabels(owned.labels(Labels.CONTAINER).toJavaMap())
                .withEntrypoint("/").withNetworkDisabled(true), HashMap.empty()));
        byte[] passwd = file(made, "/etc/passwd");
        byte[] group = file(made, "/etc/group");
        owned.remove(containerId);
        return UserDatabase.parse(passwd, group).getOrElseThrow(problem -> Failures.failed("%s", problem.message()));
    }

    private byte[] file(String container, String path) throws DriverException {
        return engine.file(container, path, UserDatabase.MAX_FILE_BYTES).getOrElse(new byte[0]);
    }
}
