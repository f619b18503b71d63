package io.cairn.core.sim;

import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Step;
import io.vavr.collection.Vector;

/** A projector with a point before and after every batch. */
final class CrashingProjector implements Projector {
    private final Projector projector;
    private final Points points;
    private boolean closed;

    CrashingProjector(Projector projector, Points points) {
        this.projector = projector;
        this.points = points;
    }

    @Override
    public void apply(Vector<Step> steps, byte[] head) {
        points.pass("projection begins");
        projector.apply(steps, head);
        points.pass("projection done");
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            projector.close();
        }
    }
}
