package io.cairn.driver.docker.images;

import com.github.dockerjava.api.model.Info;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.Failures;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.List;
import io.vavr.control.Option;

/** How an engine keeps images. */
public final class EngineStore {
    private static final String CONTAINERD = "io.containerd.";

    private EngineStore() {}

    /**
     * In its own layers, as every engine has it that was not told otherwise before 29: kept in containerd, an image has the digest of its
     * manifest for its id, and no layer is found by another image.
     */
    public static void require(Info info) throws DriverException {
        boolean inContainerd = Option.of(info.getDriverStatuses()).map(List::ofAll).getOrElse(List.empty())
                .exists(entry -> entry.size() > 1 && entry.get(0).equals("driver-type") && entry.get(1).startsWith(CONTAINERD));
        if (inContainerd) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "docker %s keeps its images in containerd, which this driver does not know how to use: "
                    + "set \"features\": {\"containerd-snapshotter\": false} in its daemon.json, or take the driver containerd", info.getServerVersion());
        }
    }
}
