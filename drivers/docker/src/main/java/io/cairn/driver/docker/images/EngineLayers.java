package io.cairn.driver.docker.images;

import com.github.dockerjava.api.command.InspectImageResponse;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.Engine;
import io.cairn.images.ChainIds;
import io.cairn.images.registry.Digest;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.concurrent.ConcurrentHashMap;

/** Which layers the engine has, of whosever images. What is in an image never changes, and is asked for once. Thread-safe. */
final class EngineLayers {
    private final Engine engine;
    private final ConcurrentHashMap<String, Vector<Digest>> chainIds = new ConcurrentHashMap<>();

    EngineLayers(Engine engine) {
        this.engine = engine;
    }

    /** By their chain ids, as of now. */
    Set<Digest> all() throws DriverException {
        Set<String> ids = engine.images().map(image -> image.getId()).toSet();
        chainIds.keySet().retainAll(ids.toJavaSet());
        Set<Digest> found = HashSet.empty();
        for (String id : ids) {
            found = found.addAll(of(id));
        }
        return found;
    }

    private Vector<Digest> of(String imageId) throws DriverException {
        Vector<Digest> known = chainIds.get(imageId);
        if (known != null) {
            return known;
        }
        Option<InspectImageResponse> image = engine.image(imageId);
        image.forEach(found -> chainIds.put(imageId, chain(found)));
        return image.map(EngineLayers::chain).getOrElse(Vector.empty());
    }

    private static Vector<Digest> chain(InspectImageResponse image) {
        Vector<String> diffIds = Option.of(image.getRootFS()).flatMap(fs -> Option.of(fs.getLayers())).map(Vector::ofAll).getOrElse(Vector.empty());
        return ChainIds.of(diffIds.flatMap(text -> Digest.parse(text).toOption()));
    }
}
