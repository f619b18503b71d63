package io.cairn.driver.docker;

import com.github.dockerjava.api.model.ContainerConfig;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.driver.host.Failures;
import io.cairn.oci.ImageConfig;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;

/** What images say of the containers made of them. Thread-safe. */
final class ImageConfigs {
    private final Engine engine;
    private final ByImage<ImageConfig> known = new ByImage<>();

    ImageConfigs(Engine engine) {
        this.engine = engine;
    }

    ImageConfig of(String imageId) throws DriverException {
        return known.of(imageId, () -> look(imageId));
    }

    private ImageConfig look(String imageId) throws DriverException {
        ContainerConfig config = engine.image(imageId).flatMap(image -> Option.of(image.getConfig()))
                .getOrElseThrow(() -> Failures.notFound("There is no image %s at %s", imageId, engine.socket()));
        return new ImageConfig(list(config.getEnv()), list(config.getEntrypoint()), list(config.getCmd()), Option.of(config.getWorkingDir()),
                Option.of(config.getUser()), Option.none(),
                Option.of(config.getLabels()).map(labels -> LinkedHashMap.ofAll(labels)).getOrElse(LinkedHashMap.empty()));
    }

    private static List<String> list(String[] texts) {
        return texts == null ? List.empty() : List.of(texts);
    }
}
