package io.cairn.core.daemon;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.JournalLog;
import io.cairn.core.engine.Origin;
import io.cairn.core.projection.Projection;
import io.cairn.core.projection.Snapshots;
import io.cairn.core.recovery.Replay;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.Ids;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.TestClock;
import io.cairn.journal.JournalReader;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.ImagePulled;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;

/** Journal, projection, engine and retention in a directory, with epochs so small that they roll after some twenty pulls. */
final class RetainedLife implements AutoCloseable {
    static final String IMAGE = Ids.image("one");
    private static final long EPOCH_BYTES = 8 << 10;

    private final Replay.Replayed replayed;
    private final Engine engine;
    private final RetentionKeeper keeper;
    private final AtomicInteger retired = new AtomicInteger();
    private int pulls;

    RetainedLife(Path directory, RetentionOptions options) throws Exception {
        var clock = new TestClock();
        clock.advanceMillis(System.currentTimeMillis() - TestClock.START_NANOS / 1_000_000 + 1000);
        JournalLog log = JournalLog.open(directory.resolve("journal"), Life.JOURNAL.withEpochBytes(EPOCH_BYTES), clock, Life.BOOT, "test");
        try {
            replayed = Replay.run(log.journal(), directory.resolve("projection"), directory.resolve("snapshots"));
        } catch (Exception e) {
            log.close();
            throw e;
        }
        var epochsBegun = new Semaphore(0);
        engine = new Engine(log, replayed.projection(), replayed.state(), clock, (reason, cause) -> {
            throw new AssertionError(reason, cause);
        }, step -> {
            epochsBegun.release(step.event().hasEpochOpened() ? 1 : 0);
            retired.addAndGet(step.event().hasEpochRetired() ? 1 : 0);
        });
        keeper = new RetentionKeeper(directory.resolve("journal"), options, replayed.projection(),
                new Snapshots(directory.resolve("snapshots")), engine, clock, epochsBegun);
        keeper.start();
    }

    /** A life in which epochs were retired, and the state at its end. */
    static State retire(Path directory, RetentionOptions options) throws Exception {
        try (var life = new RetainedLife(directory, options)) {
            life.pullsUntilRetired(2);
            life.keeper.stop();
            return life.state();
        }
    }

    void pulls(int count) {
        for (int i = 0; i < count; i++) {
            String id = pullId(pulls++);
            engine.submit(new Command.PullImage(id, "docker.io/library/app:latest", "simulated"), Origin.SELF).get();
            engine.submit(new Command.Conclude(Event.newBuilder().setImagePulled(ImagePulled.newBuilder().setPullId(id).setImageId(IMAGE)
                    .setRepoDigest("docker.io/library/app@" + IMAGE)).build()), Origin.SELF).get();
        }
    }

    void pullsUntilRetired(int epochs) {
        while (retired.get() < epochs) {
            pulls(10);
        }
    }

    void awaitRetired(int epochs) {
        Eventually.holds(epochs + " epochs are retired", () -> retired.get() >= epochs);
        keeper.stop();
    }

    static String pullId(int number) {
        return Ids.of("pull " + number);
    }

    State state() {
        return engine.state();
    }

    Projection projection() {
        return replayed.projection();
    }

    @Override
    public void close() throws Exception {
        keeper.stop();
        engine.close();
        keeper.close();
    }

    /** The directories of the epochs, the oldest first. */
    static List<Path> epochs(Path directory) {
        try (var list = Files.list(directory.resolve("journal"))) {
            return list.sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static List<Event> events(Path directory) throws Exception {
        var events = new ArrayList<Event>();
        try (var reader = JournalReader.open(directory.resolve("journal"), 1)) {
            reader.forEachRemaining(record -> events.add(Replay.parse(record)));
        }
        return events;
    }

    static Path snapshot(Path directory) throws Exception {
        try (var list = Files.list(directory.resolve("snapshots"))) {
            return list.toList().getFirst();
        }
    }

    static List<Path> tables(Path rocksDirectory) throws Exception {
        try (var list = Files.list(rocksDirectory)) {
            return list.filter(file -> file.toString().endsWith(".sst")).toList();
        }
    }

    static void put(Path rocksDirectory, String key, String value) throws Exception {
        try (var options = new org.rocksdb.Options(); var db = org.rocksdb.RocksDB.open(options, rocksDirectory.toString())) {
            db.put(key.getBytes(), value.getBytes());
        }
    }
}
