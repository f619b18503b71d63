package io.cairn.crash.points;

import io.cairn.crash.points.Lane.Stop;
import io.cairn.crash.points.Ledger.Pair;
import io.cairn.crash.points.Moments.Moment;
import io.cairn.crash.points.Points.Point;
import io.cairn.crash.points.Scenario.Step;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestImages;
import io.cairn.testkit.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Runs the scenario until it has stopped at every point that is wanted, on some nodes side by side. A run stops in many of its steps, since a
 * step begins where recovery and the repeated call have brought everything to, and several times in one that is undone and asked for again; so a
 * run costs its beginning only once for all of them.
 */
final class Suite implements AutoCloseable {
    /** What depends on who comes first (a process that is found alive or not) does not come in every run. */
    private static final int TRIES = 4;
    /** A pair's first point was stopped at before: that it does not come in a run says nothing of the pair. */
    private static final int TRIES_OF_KNOWN = 20;
    /** A run that fails is to be looked through by somebody. */
    private static final int KILLS_IN_RUN = 13;
    /** Of a failure's stack, in the message. */
    private static final int FRAMES = 8;

    private final Ground ground;
    private final PointedClasses classes;
    private final LoopbackRegistry registry;
    private final OciImage image = TestImages.hollow();
    private final Manner manner;
    private final Ledger ledger;
    private final Progress progress;
    /** By step: the points to stop at, with how often that was tried. */
    private final Map<Integer, Queue<Wanted>> wanted = new TreeMap<>();
    private final List<String> failures = new ArrayList<>();
    private final List<String> never = new ArrayList<>();
    private int killed;
    private int killsUnderWay;
    private final Set<TestNode> nodes = ConcurrentHashMap.newKeySet();
    /** Whoever interrupts it is left with nothing of it. */
    private final Thread clearing = new Thread(this::clear);
    /** How often a run stops at most. */
    private int share;
    private int elusive;
    private int stopped;
    private int runs;

    /**
     * How it is run.
     *
     * @param lanes nodes side by side
     * @param stopsInStep how often a run stops in one step at most; twice as often in one that no call has to undo
     * @param stopsInRun how often it stops at most: its history grows with each, and all of it is lost when the run fails
     * @param looksOn whether the points of recoveries are looked at, for which of them are equal
     */
    record Manner(int lanes, int stopsInStep, int stopsInRun, boolean looksOn) {
        /**
         * Several stops in a step, since most of a run's time is spent in coming there.
         *
         * @param lanes as many as processors, or more where much is waited for
         */
        static Manner usual(int lanes) {
            return new Manner(lanes, 4, 40, false);
        }

        int stopsIn(Step step) {
            return step.isCheapToRepeat() ? 2 * stopsInStep : stopsInStep;
        }
    }

    /** A point of a step. */
    record Target(int step, Point point) {
        @Override
        public String toString() {
            return Scenario.STEPS.get(step).name() + ": " + point;
        }
    }

    /** A stop, and in how many runs its first point has not come, or its second. */
    private record Wanted(Stop stop, int withoutFirst, int withoutSecond) {
        Wanted(Stop stop) {
            this(stop, 0, 0);
        }

        boolean isNew() {
            return withoutFirst + withoutSecond == 0;
        }

        Wanted missed(boolean second) {
            return second ? new Wanted(stop, withoutFirst, withoutSecond + 1) : new Wanted(stop, withoutFirst + 1, withoutSecond);
        }

        boolean isGivenUp() {
            return withoutSecond == TRIES || withoutFirst == (stop.second().isEmpty() ? TRIES : TRIES_OF_KNOWN);
        }
    }

    Suite(Manner manner, Ledger ledger, Progress progress) throws Exception {
        this.manner = manner;
        this.ledger = ledger;
        this.progress = progress;
        ground = Ground.lay();
        classes = new PointedClasses(Files.createDirectory(ground.directory().resolve("classes")));
        registry = LoopbackRegistry.start(ground.directory().resolve("registry"));
        registry.push(image, "hollow", "1");
        Runtime.getRuntime().addShutdownHook(clearing);
    }

    private Lane lane() throws IOException, InterruptedException {
        var lane = new Lane(classes, registry, image, ground.directory(), manner.looksOn());
        nodes.add(lane.node());
        return lane;
    }

    /** Whatever of it fails: the lanes go on until this process has ended. */
    private void clear() {
        List<AutoCloseable> all = new ArrayList<>();
        nodes.stream().filter(node -> Files.exists(node.root())).forEach(all::add);
        all.add(registry);
        all.add(ground);
        for (AutoCloseable each : all) {
            try {
                each.close();
            } catch (Exception e) {
                System.err.println("Not all that the suite has made is taken away: " + e);
            }
        }
    }

    /** Every point of the scenario, by one run that stops nowhere. */
    List<Target> points() throws Exception {
        var found = new ArrayList<Target>();
        try (var lane = lane()) {
            lane.run(Map.of(), new Lane.Log() {
                @Override
                public void passed(int step, List<Point> points) {
                    points.forEach(point -> found.add(new Target(step, point)));
                }

                @Override
                public void recovered(int step, Point first, List<Moment> points) {
                    throw new IllegalStateException("Expected no recovery where nothing stops");
                }

                @Override
                public void stopped(int step, Stop stop) {
                    throw new IllegalStateException("Expected no stop where none is asked for");
                }

                @Override
                public void missed(int step, Stop stop, boolean second) {
                    throw new IllegalStateException("Expected no stop to be missed where none is asked for");
                }
            });
        }
        return found;
    }

    /** Unless it is known to be well. */
    synchronized void want(Target first, Optional<Point> second) {
        if (ledger.has(first, second)) {
            stopped++;
        } else {
            wanted.computeIfAbsent(first.step(), step -> new ArrayDeque<>()).add(new Wanted(new Stop(first.point(), second)));
        }
    }

    /** Runs until every wanted stop was made, or did not come in too many runs. @param what is run, in words */
    void run(String what) throws InterruptedException {
        synchronized (this) {
            int total = wanted.values().stream().mapToInt(Queue::size).sum();
            // So that no lane is left with nothing while another has its last runs: each gets as many, and all are as long.
            int runsOfLane = Math.max(1, Math.ceilDiv(total, manner.lanes() * manner.stopsInRun()));
            share = Math.ceilDiv(total, manner.lanes() * runsOfLane);
            progress.begin(what, total);
        }
        inLanes(this::runLane);
    }

    /** Kills processes at these points, at some of them in each run of the scenario, until so many were killed. */
    void kill(List<Target> targets, int count) throws InterruptedException {
        var runs = new ArrayDeque<>(runsOfKills(targets, Math.min(KILLS_IN_RUN, Math.ceilDiv(count, manner.lanes()))));
        inLanes(() -> killLane(runs, count));
    }

    /** One point of a step in each run, in the order of the targets otherwise. */
    private static List<Map<Integer, Point>> runsOfKills(List<Target> targets, int killsInRun) {
        var runs = new ArrayList<Map<Integer, Point>>();
        for (Target target : targets) {
            Map<Integer, Point> run = runs.stream().filter(r -> r.size() < killsInRun && !r.containsKey(target.step())).findFirst().orElseGet(() -> {
                runs.add(new TreeMap<>());
                return runs.getLast();
            });
            run.put(target.step(), target.point());
        }
        return runs;
    }

    private void killLane(Queue<Map<Integer, Point>> runs, int count) {
        try (var lane = lane()) {
            for (var next = nextKills(runs, count); !next.isEmpty(); next = nextKills(runs, count)) {
                killedOf(next, lane.runKilled(next));
            }
        } catch (Exception | Error e) {
            fail(e);
        }
    }

    /** Empty when enough were killed, or will be if all of what is under way is, or one has failed. */
    private synchronized Map<Integer, Point> nextKills(Queue<Map<Integer, Point>> runs, int count) {
        if (killed + killsUnderWay >= count || runs.isEmpty() || !failures.isEmpty()) {
            return Map.of();
        }
        Map<Integer, Point> next = runs.remove();
        killsUnderWay += next.size();
        return next;
    }

    private synchronized void killedOf(Map<Integer, Point> run, int came) {
        killsUnderWay -= run.size();
        killed += came;
    }

    private void inLanes(Runnable lane) throws InterruptedException {
        var threads = new ArrayList<Thread>();
        for (int i = 0; i < manner.lanes(); i++) {
            threads.add(Thread.ofPlatform().start(lane));
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    synchronized int killed() {
        return killed;
    }

    private void runLane() {
        for (Map<Integer, List<Wanted>> next = next(); !next.isEmpty(); ) {
            try (var lane = lane()) {
                for (; !next.isEmpty(); next = next()) {
                    var recorder = new Recorder(next);
                    lane.run(stops(next), recorder);
                    recorder.note();
                }
            } catch (Exception | Error e) {
                fail(e);
                next = next();
            }
        }
    }

    /** What a run is to stop at: most where most is left, so that all steps come to their end together. One that did not come is first next time. */
    private synchronized Map<Integer, List<Wanted>> next() {
        Map<Integer, List<Wanted>> taken = new TreeMap<>();
        List<Integer> steps = wanted.keySet().stream().sorted(Comparator.comparing((Integer step) -> -wanted.get(step).size())).toList();
        int count = 0;
        for (int step : steps) {
            Queue<Wanted> queue = wanted.get(step);
            List<Wanted> here = new ArrayList<>();
            int most = Math.min(manner.stopsIn(Scenario.STEPS.get(step)), share - count);
            while (here.size() < most && !queue.isEmpty() && (here.isEmpty() || queue.element().isNew())) {
                here.add(queue.remove());
                count++;
                if (!here.getFirst().isNew()) {
                    break;
                }
            }
            if (!here.isEmpty()) {
                taken.put(step, here);
            }
        }
        runs += taken.isEmpty() ? 0 : 1;
        return taken;
    }

    private static Map<Integer, List<Stop>> stops(Map<Integer, List<Wanted>> taken) {
        var stops = new TreeMap<Integer, List<Stop>>();
        taken.forEach((step, all) -> stops.put(step, all.stream().map(Wanted::stop).toList()));
        return stops;
    }

    private synchronized void fail(Throwable failure) {
        failures.add(failure.getMessage() + from(failure));
        progress.failed(failure);
    }

    /** Where in our code it came from, the innermost call first: who reads of it may have no more than that. */
    private static String from(Throwable failure) {
        Throwable origin = failure;
        while (origin.getCause() != null) {
            origin = origin.getCause();
        }
        return Stream.of(origin.getStackTrace()).filter(frame -> frame.getClassName().startsWith("io.cairn.")).limit(FRAMES)
                .map(frame -> "\n    at " + frame).collect(Collectors.joining("", "\n  " + origin.getClass().getName(), ""));
    }

    /** What a run has made of what was wanted of it. */
    private final class Recorder implements Lane.Log {
        private final Map<Integer, List<Wanted>> taken;
        private final Map<Target, List<Moment>> recovered = new HashMap<>();
        private final List<Pair> pairs = new ArrayList<>();

        Recorder(Map<Integer, List<Wanted>> taken) {
            this.taken = taken;
        }

        /** The end of the run was well, too. */
        void note() throws IOException {
            for (var recovery : recovered.entrySet()) {
                ledger.note(recovery.getKey(), recovery.getValue());
            }
            for (Pair pair : pairs) {
                ledger.note(pair);
            }
        }

        @Override
        public void passed(int step, List<Point> points) {
            // Known from the first run.
        }

        @Override
        public void recovered(int step, Point first, List<Moment> points) {
            recovered.put(new Target(step, first), points);
        }

        @Override
        public void stopped(int step, Stop stop) {
            stop.second().ifPresent(second -> pairs.add(new Pair(new Target(step, stop.first()), second)));
            synchronized (Suite.this) {
                stopped++;
            }
            progress.done();
        }

        @Override
        public void missed(int step, Stop stop, boolean second) {
            synchronized (Suite.this) {
                Wanted missed = taken.get(step).stream().filter(w -> w.stop().equals(stop)).findFirst().orElseThrow().missed(second);
                if (!missed.isGivenUp()) {
                    wanted.get(step).add(missed);
                    return;
                }
                if (second ? stop.second().orElseThrow().isOfRowsThrownAway() : stop.first().isOfTheOutput()) {
                    elusive++;
                } else {
                    never.add(new Target(step, stop.first()) + stop.second().map(p -> ", then " + p).orElse(""));
                }
            }
            progress.done();
        }
    }

    /** What is known of the recovery from each point. */
    Map<Target, List<Moment>> recoveries() {
        return ledger.recoveries();
    }

    /** What went wrong, in words. */
    synchronized List<String> failures() {
        return List.copyOf(failures);
    }

    /** Stops that did not come. */
    synchronized List<String> never() {
        return List.copyOf(never);
    }

    /** Stops that did not come, and need not: how often the output looks into an empty pipe is the processors' to say, as the other is RocksDB's. */
    synchronized int elusive() {
        return elusive;
    }

    synchronized int stopped() {
        return stopped;
    }

    synchronized int runs() {
        return runs;
    }

    @Override
    public void close() throws Exception {
        Runtime.getRuntime().removeShutdownHook(clearing);
        registry.close();
        ground.close();
    }
}
