package io.cairn.driver.docker;

import io.cairn.core.driver.DriverException;
import io.vavr.control.Option;
import java.util.concurrent.ConcurrentHashMap;

/** What was found out of images, by their id: what is in an image never changes. Thread-safe. */
final class ByImage<V> {
    private static final int IMAGES_MAX = 256;

    private final ConcurrentHashMap<String, V> known = new ConcurrentHashMap<>();

    /** Finds it out where nobody has. */
    interface Look<V> {
        V look() throws DriverException;
    }

    V of(String imageId, Look<V> look) throws DriverException {
        Option<V> found = Option.of(known.get(imageId));
        if (found.isDefined()) {
            return found.get();
        }
        V seen = look.look();
        // All of them are soon known again.
        if (known.size() >= IMAGES_MAX) {
            known.clear();
        }
        known.put(imageId, seen);
        return seen;
    }
}
