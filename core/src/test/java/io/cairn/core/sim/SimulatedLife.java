package io.cairn.core.sim;

import io.cairn.core.domain.State;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Evolver;
import io.cairn.core.evolve.PlainModel;
import io.cairn.core.evolve.Step;
import io.cairn.core.metrics.Metrics;
import io.cairn.core.recovery.Recovery;
import io.vavr.collection.HashMap;
import io.vavr.collection.Vector;

/** One life of the runtime in a simulation: every thread of it has its turns from the scheduler. */
final class SimulatedLife {
    private static final int NOTICE_MILLIS_MAX = 300;

    final Scheduler scheduler;
    final Engine engine;
    final Operations operations;
    private final Points points = Points.yielding();
    private final World world;
    private final Drivers drivers;
    private final SimulatedNetwork network;
    private final PlainModel model = new PlainModel();
    private boolean recovered;

    SimulatedLife(MemoryJournal journal, World world, Scheduler scheduler, Rng rng, String bootId) {
        this.scheduler = scheduler;
        this.world = world;
        var log = journal.open(bootId);
        State state = journal.events().foldLeft(State.EMPTY, Evolver::evolve);
        journal.events().forEach(model::apply);
        model.assertAgrees(state);
        var driver = new SimulatedDriver(world, points,
                notice -> scheduler.after(rng.below(NOTICE_MILLIS_MAX) * 1_000_000L, () -> scheduler.start(notice)));
        this.drivers = new Drivers(HashMap.of(SimulatedDriver.NAME, driver), SimulatedDriver.NAME, HashMap.empty());
        this.network = new SimulatedNetwork(world, points);
        this.engine = new Engine(new CrashingLog(log, points), new CrashingProjector(new InStep(state), points), state, world.clock,
                this::halted, this::seen, scheduler::thread);
        this.operations = Operations.over(engine, drivers, new PodNetworks(network), Metrics.NONE, Runnable::run);
        scheduler.start(() -> {
            Recovery.run(engine, operations, drivers, network, world.clock);
            recovered = true;
        });
    }

    /** Calls are taken from then on. */
    boolean isRecovered() {
        return recovered;
    }

    /** Nothing of it has an effect any more. */
    void end() {
        points.kill();
        drivers.byName().values().forEach(io.cairn.core.driver.Driver::close);
    }

    private void seen(Step step) {
        model.apply(step.event());
        model.assertAgrees(step.after());
    }

    private void halted(String reason, Throwable cause) {
        if (!(cause instanceof Crash)) {
            throw new AssertionError("Expected the engine to go on, but it has stopped: " + reason, cause);
        }
    }

    /** Instead of rows: holds the engine to give every step, once, in order. */
    private static final class InStep implements Projector {
        private State shown;

        InStep(State shown) {
            this.shown = shown;
        }

        @Override
        public void apply(Vector<Step> steps, byte[] head) {
            for (Step step : steps) {
                if (step.before() != shown) {
                    throw new AssertionError("Expected event %d to be on the state before it".formatted(step.event().getSequence()));
                }
                shown = step.after();
            }
        }

        @Override
        public void close() {}
    }
}
