package io.cairn.core.engine;

import io.cairn.core.evolve.Step;
import io.vavr.collection.Vector;

/** What keeps derived rows in step with the journal. Called by the engine's thread, after the sync. */
public interface Projector extends AutoCloseable {
    /**
     * @param steps consecutive, at least one
     * @param head hash of the last event's frame
     */
    void apply(Vector<Step> steps, byte[] head);

    @Override
    void close();
}
