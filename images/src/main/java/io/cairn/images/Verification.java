package io.cairn.images;

import io.cairn.images.registry.Descriptor;
import io.vavr.control.Option;

/** Says whether an image may be pulled. Thread-safe. */
@FunctionalInterface
public interface Verification {
    /** Every image may be pulled. */
    Verification NONE = (name, target) -> Option.none();

    /**
     * Judges an image that was resolved; nothing of it has been kept yet.
     *
     * @param name the reference that was asked for, canonical
     * @param target the index or manifest it stands for
     * @return why it may not be pulled, in one line; none when it may
     */
    Option<String> objection(String name, Descriptor target) throws InterruptedException;
}
