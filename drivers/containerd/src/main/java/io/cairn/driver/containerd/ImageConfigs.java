package io.cairn.driver.containerd;

import io.cairn.images.ImageConfig;
import io.vavr.control.Option;
import java.util.LinkedHashMap;
import java.util.Map;

/** Configurations of the images that were used last, so that containerd need not be asked for each container. Thread-safe. */
final class ImageConfigs {
    /** Each of some KB, as a rule; a node uses few at a time. */
    private static final int IMAGES_MAX = 64;

    private final Map<String, ImageConfig> latest = new LinkedHashMap<>(IMAGES_MAX, 0.75f, true);

    synchronized Option<ImageConfig> find(String imageId) {
        return Option.of(latest.get(imageId));
    }

    /** @return the same */
    synchronized ImageConfig keep(String imageId, ImageConfig config) {
        latest.put(imageId, config);
        if (latest.size() > IMAGES_MAX) {
            latest.remove(latest.keySet().iterator().next());
        }
        return config;
    }
}
