package io.cairn.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.sim.Crash;
import io.cairn.core.sim.Directories;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Kubelet;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Points;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.Rng;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.Truth;
import io.cairn.core.sim.World;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Stops the runtime dead before and after every append, sync, projection and effect of a scenario with every kind of call, starts
 * it again on what is left, and compares with what the client was told; then goes on with the scenario to its end.
 */
class CrashPointsTest {
    private static final int DOUBLE_CRASH_SAMPLES = Integer.getInteger("cairn.samples", 6);
    /** Of so many crashes that have a run each, after one the whole rest of the scenario is gone through; after the others what was cut off. */
    private static final int GO_ON_EVERY = 5;

    @TempDir(factory = InMemory.class) Path temp;

    /** Before this step the runtime is ended and started in good order, so that later crashes find a projection to go on from. */
    private static final int RESTART = 23;

    /** A part of the scenario that can be asked for again when a crash cut it off. */
    private interface Step {
        void ask(Kubelet kubelet);
    }

    private static final List<Step> SCENARIO = List.of(
            k -> k.pull("app"),
            k -> k.pull("missing"),
            k -> k.run("p1"),
            k -> k.run("no-network"),
            k -> k.run("host"),
            k -> k.create("p1", "c1", Programs.SLEEP),
            k -> k.start("c1"),
            k -> k.exec("c1", "true"),
            k -> k.exec("c1", "times-out"),
            k -> k.update("c1", 512),
            k -> k.update("c1", 666),
            k -> k.checkpoint("c1", "/archives/c1"),
            k -> k.checkpoint("c1", "/full/c1"),
            k -> k.checkpoint("c1", "/archives/c1"),
            k -> k.updatePod("p1", 1 << 20),
            k -> k.create("p1", "cannot-be-made", Programs.CANNOT_BE_MADE),
            k -> k.create("p1", "cannot-be-started", Programs.CANNOT_BE_STARTED),
            k -> k.start("cannot-be-started"),
            k -> k.create("p1", "quick", Programs.EXITS_AT_ONCE),
            k -> k.start("quick"),
            k -> k.create("host", "slow", Programs.START_TIMES_OUT),
            k -> k.start("slow"),
            k -> k.create("p1", "stubborn", Programs.STUBBORN),
            k -> k.start("stubborn"),
            k -> k.stop("stubborn", 2),
            k -> k.stop("c1", 10_000),
            k -> k.create("p1", "c2", Programs.STICKS),
            k -> k.update("c2", 100),
            k -> k.start("c2"),
            k -> k.exits("c2", 7),
            k -> k.remove("c1"),
            k -> k.remove("c2"),
            k -> k.pull("other"),
            k -> k.removeImage("other"),
            k -> k.create("p1", "c3", Programs.SLEEP),
            k -> k.start("c3"),
            k -> k.remove("c3"),
            k -> k.create("p1", "c4", Programs.SLEEP),
            k -> k.start("c4"),
            k -> k.stopPod("p1"),
            k -> k.removePod("p1"),
            k -> k.removePod("host"),
            k -> k.removeImage("app"));

    /** One run of the scenario over as many lives as it takes. */
    private final class Run {
        private final TestClock clock = new TestClock();
        private final World world = new World(clock);
        private final Kubelet kubelet = new Kubelet(world);
        private Path directory;
        private int lives;
        private volatile int step;
        /** By step: at which of its points to crash, from 1; 0 for at none. */
        private final int[] crashAt = new int[SCENARIO.size()];
        /** Where each step begins and ends: how many points were passed until then. */
        private final int[] begins = new int[SCENARIO.size()];
        private final int[] ends = new int[SCENARIO.size()];
        /** The step that is to crash, if any is. */
        private volatile OptionalInt armed = OptionalInt.empty();
        /** Where each step that was to crash has. */
        private final Map<Integer, String> crashes = new HashMap<>();

        Run(String name) {
            directory = temp.resolve(name);
            directory.toFile().mkdirs();
        }

        /** Dies in each step that has so many points, goes on, and comes to the end. */
        void liveDyingInEachStep(int point, Run counted) throws Exception {
            for (int i = 0; i < SCENARIO.size(); i++) {
                crashAt[i] = counted.begins[i] + point <= counted.ends[i] ? point : 0;
            }
            for (boolean died = false; died || step < SCENARIO.size(); ) {
                died = !liveUntil(step < RESTART ? RESTART : SCENARIO.size(), Points.counting(), died);
            }
            assertThat(isOver()).isTrue();
        }

        /** Goes on with the scenario from its beginning. Returns whether it came to its end before the crash. */
        boolean live(Points points) throws Exception {
            return liveUntil(RESTART, points, false) && liveUntil(SCENARIO.size(), points, false) && isOver();
        }

        /**
         * Recovers, asks again for what was cut off, and goes on.
         *
         * @param toTheEnd of the scenario; otherwise only what was cut off is asked for again
         */
        boolean liveAgain(Points points, boolean toTheEnd) throws Exception {
            boolean lived = liveUntil(toTheEnd ? SCENARIO.size() : step + 1, points, true);
            return lived && (toTheEnd ? isOver() : isOut());
        }

        private boolean liveUntil(int stop, Points points, boolean checks) throws Exception {
            Life life = Life.begin(directory, world, points);
            kubelet.talkTo(life);
            var end = new CompletableFuture<Void>();
            Thread.ofVirtual().start(() -> {
                try {
                    life.recover(world);
                    if (checks) {
                        check(life);
                    }
                    while (step < stop && !points.isDead()) {
                        ask(points);
                    }
                    end.complete(null);
                } catch (Throwable t) {
                    // What comes to a client after the death does not come: it has lost its connection by then.
                    if (!points.isDead()) {
                        end.completeExceptionally(t);
                    }
                }
            });
            CompletableFuture.anyOf(points.death(), end.handle((ok, t) -> t)).get(60, TimeUnit.SECONDS);
            if (points.isDead()) {
                armed.ifPresent(dead -> crashes.put(dead, points.passed().getLast()));
                armed = OptionalInt.empty();
                assertThat(life.halts()).allMatch(reason -> reason.startsWith("the engine cannot go on: "));
                dieOf(life, end);
                return false;
            }
            end.get();
            check(life);
            life.close();
            return true;
        }

        private void ask(Points points) throws Exception {
            int now = step;
            int at = crashAt[now];
            crashAt[now] = 0;
            begins[now] = points.count();
            if (at > 0) {
                armed = OptionalInt.of(now);
                points.crashAfter(at);
            }
            SCENARIO.get(now).ask(kubelet);
            ends[now] = points.count();
            step = now + 1;
            if (at > 0) {
                points.crashAfter(0);
                // It may have died of another thread, and answered all the same.
                armed = points.isDead() ? armed : OptionalInt.empty();
            }
        }

        private boolean isOut() throws Exception {
            Directories.delete(directory);
            return true;
        }

        private boolean isOver() throws Exception {
            kubelet.assertAllGone();
            assertThat(world.held()).isEmpty();
            assertThat(world.images()).isEmpty();
            return isOut();
        }

        private void dieOf(Life life, CompletableFuture<Void> end) throws Exception {
            if (end.isCompletedExceptionally() && !(end.exceptionNow() instanceof Crash)) {
                throw new AssertionError("Expected a crash, but the client saw a failure", end.exceptionNow());
            }
            Path left = directory.resolveSibling(directory.getFileName() + "+" + ++lives);
            Directories.copyOfOneMoment(directory, left);
            life.bury();
            Directories.delete(directory);
            directory = left;
        }

        private void check(Life life) {
            Eventually.holds("every doubt is settled", () -> Truth.isSettled(life.engine.state()) || life.points.isDead());
            assertThat(life.halts()).isEmpty();
            Truth.assertAgree(life.engine.state(), world);
            kubelet.assertKept();
        }
    }

    @Test
    void whateverPointItStopsAtNothingIsLostDoneTwiceOrLeaked() throws Exception {
        Points counting = Points.counting();
        Run counted = liveToTheEnd(counting);
        List<String> points = counting.passed();
        int most = IntStream.range(0, SCENARIO.size()).map(i -> counted.ends[i] - counted.begins[i]).max().orElse(0);
        var failures = new ArrayList<String>();
        var alone = new TreeSet<>(IntStream.rangeClosed(1, points.size()).boxed().toList());
        int runs = 0;
        // What leads to a step is gone through once for a crash in each of them.
        for (int point = 1; point <= most; point++) {
            Run run = new Run("steps" + point);
            runs++;
            try {
                run.liveDyingInEachStep(point, counted);
                for (var crash : run.crashes.entrySet()) {
                    int number = counted.begins[crash.getKey()] + point;
                    if (points.get(number - 1).equals(crash.getValue())) {
                        alone.remove(number);
                    }
                }
            } catch (AssertionError | Exception e) {
                failures.add("crashes at point %d of each step, step %d: %s".formatted(point, run.step, e));
            }
        }
        // Those of the starts, and what has not come again as it was after other crashes.
        for (int at : alone) {
            Run run = new Run("single" + at);
            try {
                assertThat(run.live(Points.crashingAt(at))).isFalse();
                assertThat(run.liveAgain(Points.counting(), at % GO_ON_EVERY == 0)).isTrue();
            } catch (AssertionError | Exception e) {
                failures.add("crash at point %d (%s), step %d: %s".formatted(at, points.get(at - 1), run.step, e));
            }
        }
        System.out.printf("crash points: %d points, %d of them in %d runs with a crash in each step, %d in a run each%n", points.size(),
                points.size() - alone.size(), runs, alone.size());
        assertThat(failures).isEmpty();
    }

    @Test
    void aCrashDuringTheRecoveryFromACrashChangesNothingOfThat() throws Exception {
        List<String> points = pointsOfTheScenario();
        Rng rng = Rng.printed("double crashes");
        var failures = new ArrayList<String>();
        int runs = 0;
        for (int sample = 0; sample < DOUBLE_CRASH_SAMPLES; sample++) {
            int first = 1 + rng.below(points.size());
            boolean recovered = false;
            for (int second = 1; !recovered; second++) {
                Run run = new Run("double" + sample + "-" + second);
                runs++;
                try {
                    run.live(Points.crashingAt(first));
                    recovered = run.liveAgain(Points.crashingAt(second), false);
                    if (!recovered) {
                        assertThat(run.liveAgain(Points.counting(), second % GO_ON_EVERY == 0)).isTrue();
                    }
                } catch (AssertionError | Exception e) {
                    failures.add("crash at point %d (%s), then at point %d of the recovery, step %d: %s".formatted(first, points.get(first - 1),
                            second, run.step, e));
                }
            }
        }
        System.out.printf("double crashes: %d samples, %d runs%n", DOUBLE_CRASH_SAMPLES, runs);
        assertThat(failures).isEmpty();
    }

    private List<String> pointsOfTheScenario() throws Exception {
        Points counting = Points.counting();
        liveToTheEnd(counting);
        return counting.passed();
    }

    private Run liveToTheEnd(Points counting) throws Exception {
        Run run = new Run("counting");
        assertThat(run.live(counting)).isTrue();
        return run;
    }
}
