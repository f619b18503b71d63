package io.cairn.driver.containerd;

import io.vavr.control.Option;
import java.util.LinkedHashMap;
import java.util.Map;

/** What was learnt of the images that were used last, so that containerd need not be asked for each container. Thread-safe. */
final class OfImages<T> {
    /** Each of some KB at most, as a rule; a node uses few at a time. */
    private static final int IMAGES_MAX = 64;

    private final Map<String, T> latest = new LinkedHashMap<>(IMAGES_MAX, 0.75f, true);

    synchronized Option<T> find(String imageId) {
        return Option.of(latest.get(imageId));
    }

    /** @return the same */
    synchronized T keep(String imageId, T learnt) {
        latest.put(imageId, learnt);
        if (latest.size() > IMAGES_MAX) {
            latest.remove(latest.keySet().iterator().next());
        }
        return learnt;
    }
}
