package io.cairn.core.daemon;

import io.cairn.core.cri.CriServer;
import io.cairn.core.projection.Projection;
import io.cairn.linux.FileSystems;
import io.cairn.proto.journal.Event;
import java.io.IOException;
import java.nio.file.Path;
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
            } catch (IOException | RuntimeException | LinkageError e) {
                // Whoever needs it tries again, or hears what went wrong here.
                LOG.debug("Not all that a start needs was loaded beforehand", e);
            }
        });
    }

    /** Has no effect outside this process. What is needed first comes first. */
    static void load() throws IOException {
        switchOverTypes("");
        FileSystems.capacity(Path.of("/"));
        Event.getDescriptor();
        Projection.preload();
        CriServer.preload();
    }

    /** The JDK builds what it makes such switches of when it comes to the first. */
    private static boolean switchOverTypes(Object any) {
        return switch (any) {
            case String _ -> true;
            case Long _ -> true;
            default -> false;
        };
    }
}
