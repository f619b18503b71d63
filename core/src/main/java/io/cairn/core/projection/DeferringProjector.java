package io.cairn.core.projection;

import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Step;
import io.vavr.collection.Vector;
import java.io.UncheckedIOException;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A projection that cannot be written, as on a full disk, is no reason to stop: the state is in memory, and the journal has all of
 * it. What could not be written is kept and tried again with what follows.
 *
 * <p>If it never works again, the rows stay those of an earlier event, and the next start applies the rest. Not thread-safe.
 */
public final class DeferringProjector implements Projector {
    private static final Logger LOG = LoggerFactory.getLogger(DeferringProjector.class);
    private static final long RETRY_NANOS = TimeUnit.SECONDS.toNanos(1);
    /** Some ten megabytes of events. */
    private static final int STEPS_MAX = 20_000;

    private final Projector projection;
    private final Clock clock;
    private Vector<Step> waiting = Vector.empty();
    private boolean failing;
    private boolean givenUp;
    private long triedAtNanos;

    public DeferringProjector(Projector projection, Clock clock) {
        this.projection = projection;
        this.clock = clock;
    }

    @Override
    public void apply(Vector<Step> steps, byte[] head) {
        if (givenUp) {
            return;
        }
        waiting = waiting.appendAll(steps);
        if (!failing || clock.monotonicNanos() - triedAtNanos >= RETRY_NANOS) {
            attempt(head);
        }
        if (waiting.size() > STEPS_MAX) {
            LOG.error("The projection could not be written for {} events and is given up until the next start, which will take longer",
                    waiting.size());
            givenUp = true;
            waiting = Vector.empty();
        }
    }

    private void attempt(byte[] head) {
        triedAtNanos = clock.monotonicNanos();
        try {
            projection.apply(waiting, head);
            waiting = Vector.empty();
            if (failing) {
                LOG.info("The projection can be written again");
            }
            failing = false;
        } catch (UncheckedIOException e) {
            if (!failing) {
                LOG.warn("{}; pods are not affected, it is tried again", e.getCause().getMessage());
            }
            failing = true;
        }
    }

    @Override
    public void close() {
        projection.close();
    }
}
