package io.cairn.core.daemon;

import io.cairn.core.cri.CriServer;
import io.cairn.core.projection.Projection;
import io.cairn.proto.journal.Event;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Loads what every start needs whatever its configuration says, beside the thread that reads that: nodes have two processors, and most of what a
 * start takes is spent on code that runs for the first time. Who needs a part of it that is under way waits for that part.
 */
public final class Preload {
    private static final Logger LOG = LoggerFactory.getLogger(Preload.class);

    private Preload() {}

    /** Returns at once. */
    public static void begin() {
        Thread.ofPlatform().daemon().name("cairn-preload").start(() -> {
            try {
                load();
            } catch (RuntimeException | LinkageError e) {
                // Whoever needs it tries again, or hears what went wrong here.
                LOG.debug("Not all that a start needs was loaded beforehand", e);
            }
        });
    }

    /** Has no effect outside this process. */
    static void load() {
        Event.getDescriptor();
        Projection.preload();
        CriServer.preload();
    }
}
