package io.cairn.core.daemon;

import io.cairn.core.cri.CriServer;
import io.cairn.core.projection.Projection;
import io.cairn.journal.Journal;
import io.cairn.linux.FileSystems;
import io.cairn.proto.journal.Event;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;

/**
 * Loads what every start needs whatever its configuration says, beside the thread that reads that: nodes have two processors, and most of what a
 * start takes is spent on code that runs for the first time. Who needs a part of it that is under way waits for that part. Has no effect outside
 * this process.
 */
public final class Preload {
    private final CountDownLatch logging = new CountDownLatch(1);

    private Preload() {}

    /** Returns at once. */
    public static Preload begin() {
        var preload = new Preload();
        Thread.ofPlatform().daemon().name("cairn-preload").start(preload::run);
        return preload;
    }

    /** What has a logger may be loaded from now on: SLF4J hands out stand-ins while another thread sets it up. */
    public void loggingIsSetUp() {
        logging.countDown();
    }

    private void run() {
        Option<Throwable> failure = attempt(Preload::loadSilent);
        try {
            logging.await();
        } catch (InterruptedException e) {
            return;
        }
        // Whoever needs it tries again, or hears what went wrong here.
        failure.orElse(() -> attempt(Preload::loadLogging)).forEach(
                e -> LoggerFactory.getLogger(Preload.class).debug("Not all that a start needs was loaded beforehand", e));
    }

    @FunctionalInterface
    private interface Loading {
        void run() throws IOException;
    }

    private static Option<Throwable> attempt(Loading loading) {
        try {
            loading.run();
            return Option.none();
        } catch (IOException | RuntimeException | LinkageError e) {
            return Option.some(e);
        }
    }

    /** What has no logger. What is needed first comes first. */
    static void loadSilent() throws IOException {
        openJars();
        switchOverTypes("");
        FileSystems.capacity(Path.of("/"));
        Journal.preloadHash();
        Event.getDescriptor();
        CriServer.preloadMessages();
    }

    static void loadLogging() {
        Journal.preload();
        Projection.preload();
        CriServer.preload();
    }

    /** Whoever looks for a service, as logging does, looks into every jar of the class path; the first one opens them. */
    private static void openJars() {
        ClassLoader.getSystemResource("META-INF/services/" + Preload.class.getName());
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
