package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.docker.engine.NewContainer;
import io.cairn.driver.host.Failures;
import io.cairn.oci.UserDatabase;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Users and groups of images. The engine shows an image's files only in a container of it: so a first one is made to be looked into, under
 * the id and with the label of the container that is wanted, and taken away again. Thread-safe.
 */
final class Users {
    private static final int IMAGES_MAX = 256;

    private final Owned owned;
    private final Engine engine;
    private final ConcurrentHashMap<String, UserDatabase> known = new ConcurrentHashMap<>();

    Users(Owned owned, Engine engine) {
        this.owned = owned;
        this.engine = engine;
    }

    /** @param containerId of which nothing is in the engine, neither before nor after */
    UserDatabase of(String imageId, String containerId) throws DriverException {
        Option<UserDatabase> found = Option.of(known.get(imageId));
        if (found.isDefined()) {
            return found.get();
        }
        UserDatabase users = look(imageId, containerId);
        // All of them are soon known again.
        if (known.size() >= IMAGES_MAX) {
            known.clear();
        }
        known.put(imageId, users);
        return users;
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
