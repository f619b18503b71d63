package io.cairn.core.sim;

import io.cairn.core.driver.DriverException;
import io.cairn.core.sim.Action.Plan;
import io.cairn.core.text.EventText;
import io.cairn.core.text.Names;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.util.List;

/**
 * One random history from the first start to the removal of everything, over as many lives as it has crashes. After every turn of a
 * thread the answers given so far are compared with state and world; after every event the state with a plain model; whenever nothing is
 * under way the state with the world, thing by thing.
 */
final class Simulation {
    /** Far more than any history takes; a runtime that goes round in circles comes to it. */
    private static final int TURNS_MAX = 2_000_000;

    /** @param problem what was wrong, and none when all was right; the history ends there */
    record Outcome(Option<String> problem, String head, Vector<Event> events) {
        /** The journal in words. */
        String told() {
            var text = new StringBuilder();
            Names names = Names.NONE;
            for (Event event : events) {
                names = names.with(event);
                EventText said = EventText.of(event, names);
                String about = said.containerId().orElse(said.sandboxId()).map(id -> EventText.shortId(id) + ": ").getOrElse("");
                text.append("%5d  %s%s%n".formatted(event.getSequence(), about, said.what()));
            }
            return text.toString();
        }
    }

    private final Plan plan;
    private final Rng rng;
    private final SimulatedClock clock = new SimulatedClock();
    private final World world = new World(clock);
    private final MemoryJournal journal;
    private final Promises promises = new Promises();
    private SimulatedLife life;
    private Calls calls;
    private int boots;
    private int turns;

    private Simulation(Plan plan, MemoryJournal.Damage damage) {
        this.plan = plan;
        this.rng = Rng.of(plan.seed() * 31 + 7);
        this.journal = new MemoryJournal(clock, damage);
    }

    static Outcome run(Plan plan) {
        return run(plan, MemoryJournal.Damage.NONE);
    }

    /** @param damage what is wrong with the journal, to see that it is found */
    static Outcome run(Plan plan, MemoryJournal.Damage damage) {
        var simulation = new Simulation(plan, damage);
        Option<String> problem;
        try {
            simulation.live();
            problem = Option.none();
        } catch (Wrong wrong) {
            problem = Option.some(wrong.getMessage());
        }
        return new Outcome(problem, simulation.journal.head(), simulation.journal.events());
    }

    private void live() {
        begin();
        rest();
        calls.pull("app");
        rest();
        plan.actions().zip(plan.turns()).forEach(step -> {
            perform(step._1());
            if (step._2() < 0) {
                rest();
            }
            for (int turn = 0; turn < step._2() && turn(); turn++) {
                // One after the other.
            }
        });
        world.forgetBehaviours();
        rest();
        crash();
        rest();
        removeEverything();
    }

    private void begin() {
        var scheduler = new Scheduler(rng, clock);
        clock.belongsTo(scheduler);
        life = wrongIfThrown(() -> new SimulatedLife(journal, world, scheduler, rng, "boot-" + boots));
        calls = new Calls(life, promises, world, calls);
    }

    private void crash() {
        life.end();
        journal.crash(rng);
        begin();
    }

    private void perform(Action action) {
        switch (action) {
            case Action.Crash _ -> crash();
            case Action.Reboot _ -> {
                life.end();
                world.reboot();
                promises.rebooted();
                boots++;
                journal.crash(rng);
                begin();
            }
            case Action.ClockSet(int millis) -> clock.setWallClock(millis);
            case Action.Fault fault -> world.next(fault.place(), id -> happen(fault));
            case Action call -> {
                if (life.isRecovered()) {
                    calls.make(call);
                }
            }
        }
    }

    private void happen(Action.Fault fault) throws DriverException {
        if (fault.kind() != Action.Fault.Kind.FAILS) {
            life.scheduler.sleep(fault.millis() * 1_000_000L);
        }
        if (fault.kind() != Action.Fault.Kind.HANGS) {
            throw new DriverException(Failure.Kind.FAILED, "something went wrong at " + fault.place());
        }
    }

    /** Until nothing is under way. */
    private void rest() {
        while (turn()) {
            // One after the other.
        }
        if (!life.isRecovered()) {
            throw new Wrong(List.of("the recovery waits for ever"));
        }
        if (!calls.open().isEmpty()) {
            throw new Wrong(List.of("calls are never answered: " + calls.open()));
        }
        wrongIfAny(Agreement.broken(life.engine.state(), world, promises));
    }

    private boolean turn() {
        if (turns++ > TURNS_MAX) {
            throw new Wrong(List.of("the history does not come to an end"));
        }
        boolean went = wrongIfThrown(life.scheduler::turn);
        for (Throwable thrown : life.scheduler.uncaught()) {
            throw new Wrong(List.of("a thread ended with " + described(thrown)));
        }
        wrongIfAny(calls.problems());
        wrongIfAny(promises.broken(life.engine.state(), world));
        return went;
    }

    private void removeEverything() {
        // Twice: of some containers the first removal fails.
        for (int round = 0; round < 2; round++) {
            life.engine.state().sandboxes().keySet().toVector().sorted().forEach(id -> {
                calls.stopPod(id);
                rest();
                calls.removePod(id);
                rest();
            });
            life.engine.state().images().keySet().toVector().sorted().forEach(id -> {
                calls.removeImage(id);
                rest();
            });
        }
        if (!world.held().isEmpty()) {
            throw new Wrong(List.of("everything was removed, and this is left: " + world.held()));
        }
        var state = life.engine.state();
        if (!state.sandboxes().isEmpty() || !state.containers().isEmpty() || !state.images().isEmpty()) {
            throw new Wrong(List.of("everything was removed, and is still shown: " + state.sandboxes().keySet() + state.images().keySet()));
        }
    }

    private static void wrongIfAny(List<String> problems) {
        if (!problems.isEmpty()) {
            throw new Wrong(problems);
        }
    }

    private static <T> T wrongIfThrown(java.util.function.Supplier<T> part) {
        try {
            return part.get();
        } catch (RuntimeException | AssertionError thrown) {
            throw new Wrong(List.of(described(thrown)));
        }
    }

    private static String described(Throwable thrown) {
        Throwable root = thrown.getCause() == null ? thrown : thrown.getCause();
        StackTraceElement[] frames = root.getStackTrace();
        return "%s%s: %s at %s".formatted(thrown == root ? "" : thrown.getMessage() + ": ", root.getClass().getSimpleName(), root.getMessage(),
                frames.length == 0 ? "an unknown place" : frames[0]);
    }

    /** Something is not as it must be. */
    private static final class Wrong extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Wrong(List<String> problems) {
            super(String.join("; ", problems), null, false, false);
        }
    }
}
