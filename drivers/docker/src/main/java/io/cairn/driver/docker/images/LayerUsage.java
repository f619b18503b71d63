package io.cairn.driver.docker.images;

import com.github.dockerjava.api.command.InspectImageResponse;
import com.github.dockerjava.api.model.Image;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ImageFilesystem;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.images.Snapshots.Usage;
import io.vavr.collection.HashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the layers of all images in the engine take. The engine itself would measure every container and volume at each question
 * ({@code system df}). The directories of its overlay drivers are looked at instead: a layer's never changes, so once. Other drivers tell
 * only the size of whole images. Thread-safe.
 */
final class LayerUsage {
    private static final Logger LOG = LoggerFactory.getLogger(LayerUsage.class);

    private final Engine engine;
    private final ConcurrentHashMap<String, Map<String, Usage>> images = new ConcurrentHashMap<>();
    private final ConcurrentHashMap<String, Usage> layers = new ConcurrentHashMap<>();

    LayerUsage(Engine engine) {
        this.engine = engine;
    }

    ImageFilesystem measure() throws DriverException {
        Set<String> ids = engine.images().map(Image::getId).toSet();
        images.keySet().retainAll(ids.toJavaSet());
        Map<String, Usage> found = HashMap.empty();
        for (String id : ids) {
            found = found.merge(of(id));
        }
        layers.keySet().retainAll(found.keySet().toJavaSet());
        return new ImageFilesystem(engine.info().getDockerRootDir(), found.values().map(Usage::bytes).sum().longValue(),
                found.values().map(Usage::inodes).sum().longValue());
    }

    private Map<String, Usage> of(String id) throws DriverException {
        Map<String, Usage> known = images.get(id);
        if (known != null) {
            return known;
        }
        Option<InspectImageResponse> image = engine.image(id);
        Map<String, Usage> measured = image.map(this::layers).getOrElse(HashMap.empty());
        if (image.isDefined()) {
            images.put(id, measured);
        }
        return measured;
    }

    private Map<String, Usage> layers(InspectImageResponse image) {
        Vector<String> directories = directories(image);
        try {
            Map<String, Usage> found = HashMap.empty();
            for (String directory : directories) {
                found = found.put(directory, layer(directory));
            }
            return directories.isEmpty() ? whole(image) : found;
        } catch (IOException e) {
            LOG.debug("The layers of image {} cannot be looked at: {}", image.getId(), e.getMessage());
            return whole(image);
        }
    }

    private static Map<String, Usage> whole(InspectImageResponse image) {
        return HashMap.of(image.getId(), new Usage(Option.of(image.getSize()).getOrElse(0L), 0));
    }

    private Usage layer(String directory) throws IOException {
        Usage known = layers.get(directory);
        if (known != null) {
            return known;
        }
        Usage measured = Usage.of(Path.of(directory));
        layers.put(directory, measured);
        return measured;
    }

    /** As overlay2 and fuse-overlayfs name them; none by any other driver. docker-java has no words for them. */
    private static Vector<String> directories(InspectImageResponse image) {
        Object data = image.getRawValues().get("GraphDriver") instanceof java.util.Map<?, ?> driver ? driver.get("Data") : "";
        if (!(data instanceof java.util.Map<?, ?> paths)) {
            return Vector.empty();
        }
        Vector<String> lowers = Option.of(paths.get("LowerDir")).map(l -> Vector.of(l.toString().split(":"))).getOrElse(Vector.empty());
        return lowers.appendAll(Option.of(paths.get("UpperDir")).map(Object::toString));
    }
}
