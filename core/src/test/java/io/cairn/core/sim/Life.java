package io.cairn.core.sim;

import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.JournalLog;
import io.cairn.core.metrics.Metrics;
import io.cairn.core.recovery.Recovery;
import io.cairn.core.recovery.Replay;
import io.cairn.journal.JournalOptions;
import io.vavr.collection.HashMap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One life of the runtime, from its start to its end or death: the real journal and projection in a directory, on a simulated
 * world. All that {@code Daemon} puts together but the socket.
 */
public final class Life implements AutoCloseable {
    public static final JournalOptions JOURNAL = JournalOptions.defaults().withReserveBytes(64 << 10).withFloorBytes(0)
            .withMaxPayloadBytes(128 << 10);
    public static final String BOOT = "boot-1";

    private final JournalLog log;
    private final Replay.Replayed replayed;
    private final CrashingProjector projector;
    private final List<String> halts;
    public final Points points;
    public final Drivers drivers;
    public final SimulatedNetwork network;
    public final Engine engine;
    public final Operations operations;

    private Life(Path directory, World world, Points points, String bootId) throws Exception {
        this.points = points;
        Files.createDirectories(directory);
        this.halts = new ArrayList<>();
        this.log = JournalLog.open(directory.resolve("journal"), JOURNAL, world.clock, bootId, "test");
        this.replayed = Replay.run(log.journal(), directory.resolve("projection"), directory.resolve("snapshots"));
        var driver = new SimulatedDriver(world, points);
        this.drivers = new Drivers(HashMap.of(SimulatedDriver.NAME, driver), SimulatedDriver.NAME, HashMap.of("special", SimulatedDriver.NAME));
        this.network = new SimulatedNetwork(world, points);
        this.projector = new CrashingProjector(replayed.projection(), points);
        this.engine = new Engine(new CrashingLog(log, points), projector, replayed.state(),
                world.clock, this::halted, step -> {});
        this.operations = Operations.over(engine, drivers, new PodNetworks(network), Metrics.NONE, Runnable::run);
    }

    /** Opens the journal and the projection; {@link #recover} comes next. */
    public static Life begin(Path directory, World world, Points points) throws Exception {
        return new Life(directory, world, points, BOOT);
    }

    /** A whole start. Fails when the engine halts in it. */
    public static Life start(Path directory, World world) throws Exception {
        return start(directory, world, BOOT);
    }

    public static Life start(Path directory, World world, String bootId) throws Exception {
        var life = new Life(directory, world, Points.counting(), bootId);
        var recovered = CompletableFuture.runAsync(() -> life.recover(world), task -> Thread.ofVirtual().start(task));
        CompletableFuture.anyOf(life.points.death(), recovered).get(60, TimeUnit.SECONDS);
        if (life.points.isDead()) {
            throw new AssertionError("Expected a recovery, but " + life.halts());
        }
        return life;
    }

    public void recover(World world) {
        Recovery.run(engine, operations, drivers, network, world.clock);
    }

    public Replay.Replayed replayed() {
        return replayed;
    }

    public JournalLog log() {
        return log;
    }

    private void halted(String reason, Throwable cause) {
        synchronized (halts) {
            halts.add(reason);
        }
        points.kill();
    }

    /** Why the engine stopped by itself: must be empty but for crashes. */
    public List<String> halts() {
        synchronized (halts) {
            return List.copyOf(halts);
        }
    }

    /** An orderly end. */
    @Override
    public void close() throws Exception {
        drivers.byName().values().forEach(io.cairn.core.driver.Driver::close);
        engine.close();
    }

    /**
     * Frees what a dead life held in this process. Its directory must have been copied before: this writes to it.
     */
    public void bury() throws Exception {
        points.kill();
        drivers.byName().values().forEach(io.cairn.core.driver.Driver::close);
        engine.close();
        log.close();
        projector.close();
    }
}
