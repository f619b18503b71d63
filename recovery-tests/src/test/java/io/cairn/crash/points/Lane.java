package io.cairn.crash.points;

import io.cairn.core.daemon.Daemon;
import io.cairn.core.recovery.Verification;
import io.cairn.core.recovery.Verification.Findings;
import io.cairn.crash.points.Moments.Moment;
import io.cairn.crash.points.Points.Point;
import io.cairn.crash.points.Scenario.Step;
import io.cairn.journal.Position;
import io.cairn.testkit.Await;
import io.cairn.testkit.LoopbackRegistry;
import io.cairn.testkit.OciImage;
import io.cairn.testkit.TestNode;
import io.cairn.testkit.Tool;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/** A node on which the scenario is run again and again, by one life of the runtime after the other. Used by one thread. */
final class Lane implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final int CHECKS_OF_ONE_CONFIRMED = 25;
    private static final List<String> HISTORY = List.of("journal", "projection");

    private final PointedClasses classes;
    private final Set<String> imageContent;
    private final TestNode node;
    private final boolean looksOn;
    private int runs;
    private int checks;
    private Points points = Points.ofThisProcess();
    private Optional<Life> life = Optional.empty();

    /** Where a run stops dead: at a point of a step, and perhaps at one of the recovery from that. */
    record Stop(Point first, Optional<Point> second) {}

    /** What a run has come by: hears of every step's points, and of every recovery's. */
    interface Log {
        void passed(int step, List<Point> points);

        void recovered(int step, Point first, List<Moment> points);

        /** The stop was made, and all was well afterwards. */
        void stopped(int step, Stop stop);

        /** The point did not come this time. */
        void missed(int step, Stop stop, boolean second);
    }

    /**
     * @param parent where the node is made
     * @param looksOn whether the points of recoveries are looked at, for which of them are equal
     */
    Lane(PointedClasses classes, LoopbackRegistry registry, OciImage image, Path parent, boolean looksOn) throws IOException, InterruptedException {
        this.classes = classes;
        this.looksOn = looksOn;
        this.node = TestNode.createWithoutNetwork(parent);
        Path template = node.addNetworkTemplate();
        Files.writeString(node.networkMade(), Files.readString(template).replace("{{.PodCIDR}}", node.podRange()));
        this.imageContent = Witness.of(node).ofImage(image);
        node.mirror("crash.cairn.test", registry);
        Files.createDirectory(node.root().resolve("marks"));
    }

    TestNode node() {
        return node;
    }

    /**
     * Runs the scenario from its beginning to its end.
     *
     * @param stops by the number of the step, which is undone and asked for again after each but the last
     */
    void run(Map<Integer, List<Stop>> stops, Log log) throws Exception {
        beginAnew();
        var kubelet = new Kubelet(node, "r" + ++runs + "-", imageContent);
        for (int number = 0; number < Scenario.STEPS.size(); number++) {
            Step step = Scenario.STEPS.get(number);
            List<Stop> here = stops.getOrDefault(number, List.of());
            if (here.isEmpty()) {
                if (!step.isWatch() || stops.isEmpty()) {
                    take(number, Optional.empty(), kubelet, log);
                }
                continue;
            }
            for (Stop stop : here) {
                if (stop != here.getFirst()) {
                    undo(step, kubelet);
                }
                take(number, Optional.of(stop), kubelet, log);
            }
        }
        finish(kubelet);
    }

    private void take(int number, Optional<Stop> stop, Kubelet kubelet, Log log) {
        Step step = Scenario.STEPS.get(number);
        try {
            points.arm(stop.map(Stop::first));
            boolean died = !(perform(step, kubelet) && points.disarm());
            log.passed(number, points.passed().stream().filter(p -> p.isOfTheWatch() == step.isWatch()).toList());
            if (died) {
                recover(number, step, stop.orElseThrow(() -> new IllegalStateException("Expected no death where none is asked for")), kubelet, log);
            } else if (stop.isPresent()) {
                log.missed(number, stop.get(), false);
            }
        } catch (Exception | AssertionError e) {
            throw failure("%s, dead at %s%s".formatted(step.name(), stop.map(s -> s.first().toString()).orElse("no point"),
                    stop.flatMap(Stop::second).map(s -> ", and again at " + s).orElse("")), e);
        }
    }

    private AssertionError failure(String where, Throwable e) {
        return new AssertionError("%s: %s%n%s".formatted(where, e.getMessage(), History.endOf(node.root().resolve("state"))), e);
    }

    private void undo(Step step, Kubelet kubelet) throws Exception {
        if (step.isFirst()) {
            // The backend has not been told anything yet, and takes longer to begin than Cairn.
            end();
            forget();
            return;
        }
        points.arm(Optional.empty());
        kubelet.cri = client();
        if (!alive(() -> step.undo().ask(kubelet))) {
            throw new IllegalStateException("Expected no death while a step is undone");
        }
    }

    /**
     * Runs the scenario once, with some of its steps each served by a process of its own that is killed there.
     *
     * @param deaths where, by the number of the step
     * @return how many were; the points of the others did not come
     */
    int runKilled(Map<Integer, Point> deaths) throws Exception {
        beginAnew();
        var kubelet = new Kubelet(node, "k" + ++runs + "-", imageContent);
        int killed = 0;
        for (int number = 0; number < Scenario.STEPS.size(); number++) {
            Step step = Scenario.STEPS.get(number);
            Optional<Point> point = Optional.ofNullable(deaths.get(number));
            try {
                if (point.isPresent()) {
                    killed += performAndKill(step, point.get(), kubelet) ? 1 : 0;
                } else if (!step.isWatch() && !perform(step, kubelet)) {
                    throw new IllegalStateException("Expected no death where none is asked for");
                }
            } catch (Exception | AssertionError e) {
                throw failure("%s, killed at %s".formatted(step.name(), point.map(Point::toString)
                        .orElseGet(() -> "none of its points, in a run that was to be killed at " + deaths)), e);
            }
        }
        finish(kubelet);
        return killed;
    }

    private boolean performAndKill(Step step, Point point, Kubelet kubelet) throws Exception {
        if (life.isPresent()) {
            end();
        }
        boolean answered = step.isRestart();
        boolean killed;
        try (var daemon = new KilledDaemon(node, classes.made(), step.isRestart() ? Optional.of(point) : Optional.empty())) {
            if (daemon.awaitAnswer() && !step.isRestart()) {
                daemon.arm(point);
                kubelet.cri = daemon;
                try {
                    step.ask().ask(kubelet);
                    answered = true;
                } catch (StatusRuntimeException | IOException e) {
                    answered = false;
                }
            }
            killed = daemon.awaitDeath();
        }
        if (!alive(beginning())) {
            throw new IllegalStateException("Expected no second death");
        }
        check(kubelet);
        if (!answered && !alive(() -> step.ask().ask(kubelet))) {
            throw new IllegalStateException("Expected no death when asked again");
        }
        return killed;
    }

    private void finish(Kubelet kubelet) throws Exception {
        new Oracle(node, kubelet, client()).assertAgree();
        Witness.of(node).confirm(node);
        end();
        verify();
    }

    /** What {@code cairn verify} does: history and rows are what they were made to be, whatever has cut their making. */
    private void verify() throws Exception {
        Path state = node.root().resolve("state");
        Findings findings = Verification.of(Daemon.journalDirectory(state), Daemon.projectionDirectory(state), Daemon.snapshotsDirectory(state),
                (phase, sequence) -> {});
        if (!findings.good() || !findings.replayed() || !findings.rowsAt().equals(findings.journal().head().map(Position::sequence))) {
            throw new AssertionError("Expected to find all as it was written, but " + findings);
        }
    }

    private void check(Kubelet kubelet) throws Exception {
        if (!settles()) {
            throw new IllegalStateException("Expected no death while what was in doubt is settled");
        }
        kubelet.cri = client();
        new Oracle(node, kubelet, client()).assertAgree();
        if (++checks % CHECKS_OF_ONE_CONFIRMED == 0) {
            Witness.of(node).confirm(node);
        }
    }

    /** Recovery goes on when the life has begun. @return false if it died of that */
    private boolean settles() throws Exception {
        Await.until("every doubt is settled", PATIENCE, () -> points.isDead() || life.orElseThrow().openIntents() == 0);
        return !points.isDead();
    }

    private void recover(int number, Step step, Stop stop, Kubelet kubelet, Log log) throws Exception {
        bury();
        boolean recovered = stop.second().isPresent() ? recoverOrDie(stop.second().get()) : recover(number, stop.first(), log);
        check(kubelet);
        // Until the daemon has ended orderly once, none of its rows is on the disk (they are of too few events), and every start builds them anew.
        // So that the points of a later recovery do not depend on where a restart was cut off, that is asked for again too.
        if (!step.isFirst() && !perform(step, kubelet)) {
            throw new IllegalStateException("Expected no death when asked again");
        }
        if (recovered && stop.second().isPresent()) {
            log.missed(number, stop, true);
        } else {
            log.stopped(number, stop);
        }
    }

    /** @return whether the second point did not come */
    private boolean recoverOrDie(Point second) throws Exception {
        points.arm(Optional.of(second));
        if (alive(beginning()) && settles() && points.disarm()) {
            return true;
        }
        bury();
        if (!alive(beginning())) {
            throw new IllegalStateException("Expected no third death");
        }
        return false;
    }

    private boolean recover(int number, Point first, Log log) throws Exception {
        try (var moments = new Moments(node, Scenario.STEPS.get(number).isFirst())) {
            points.arm(Optional.empty(), looksOn ? moments::take : Points.Observer.NONE);
            if (!alive(beginning())) {
                throw new IllegalStateException("Expected no second death");
            }
            List<Point> passed = points.passed().stream().filter(p -> !p.isOfTheWatch() && !p.isOfTheOutput()).toList();
            points.arm(Optional.empty());
            log.recovered(number, first, looksOn ? moments.judged() : Moments.each(passed));
            return true;
        }
    }

    /** @return false if it died */
    private boolean perform(Step step, Kubelet kubelet) throws Exception {
        if (!step.isRestart()) {
            kubelet.cri = client();
            return alive(() -> step.ask().ask(kubelet));
        }
        Task begin = beginning();
        return alive(() -> {
            if (life.isPresent()) {
                life.get().end();
            }
            begin.run();
        });
    }

    private interface Task {
        void run() throws Exception;
    }

    /** A life may die on a thread of its own while another of its threads is on the way here: that is no beginning any more. */
    private Task beginning() {
        Points mine = points;
        return () -> {
            var next = (Life) classes.loadClass("io.cairn.crash.points.inside.DaemonLife").getConstructor(Path.class).newInstance(node.config());
            mine.whileAlive(() -> life = Optional.of(next));
            next.begin();
        };
    }

    /** Does something as a thread of this life. @return false if the life ended by it */
    private boolean alive(Task task) throws Exception {
        var end = new CompletableFuture<Void>();
        Points mine = points;
        Thread.ofVirtual().start(() -> {
            mine.enter();
            try {
                task.run();
                end.complete(null);
            } catch (Throwable t) {
                end.completeExceptionally(t);
            }
        });
        CompletableFuture.anyOf(points.death(), end.handle((ok, failure) -> ok)).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        if (points.isDead()) {
            return false;
        }
        try {
            end.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Exception failure) {
                throw failure;
            }
            throw new AssertionError(e.getCause().getMessage(), e.getCause());
        }
        return true;
    }

    private Client client() {
        Life served = life.orElseThrow();
        Points mine = points;
        return new Client() {
            @Override
            public <Q, R> R call(MethodDescriptor<Q, R> method, Q request) {
                mine.enter();
                return served.call(method, request);
            }

            @Override
            public boolean isGone() {
                return mine.isDead();
            }
        };
    }

    /** What is on the disk when a process is killed stays as it is, whatever is written when its parts are closed here. */
    private void bury() throws Exception {
        points.awaitQuiet();
        Path state = node.root().resolve("state");
        Path aside = node.root().resolve("aside");
        // The projection's own threads merge its files for a while yet: a copy during which some came, went or grew is of no one moment.
        var copy = new AtomicReference<Optional<Copy>>();
        Await.until("the files of " + state + " stand still", PATIENCE, () -> {
            copy.set(Copy.of(state, HISTORY));
            return copy.get().isPresent();
        });
        copy.get().orElseThrow().writeTo(aside);
        if (life.isPresent()) {
            Life dead = life.get();
            var buried = new CompletableFuture<Void>();
            Thread.ofPlatform().start(() -> {
                Points.ofThisProcess().enter();
                try {
                    dead.bury();
                    buried.complete(null);
                } catch (Exception | Error e) {
                    buried.completeExceptionally(e);
                }
            });
            buried.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        }
        Path grave = Files.createTempDirectory(Files.createDirectories(node.root().resolve("graves")), "life-");
        for (String part : HISTORY) {
            if (Files.exists(state.resolve(part))) {
                Files.move(state.resolve(part), grave.resolve(part));
            }
            if (Files.exists(aside.resolve(part))) {
                Files.move(aside.resolve(part), state.resolve(part));
            }
        }
        Files.delete(aside);
        life = Optional.empty();
        points = Points.ofThisProcess();
    }

    private void end() throws Exception {
        alive(life.orElseThrow()::end);
        life = Optional.empty();
        points = Points.ofThisProcess();
    }

    /** As on a machine that has never seen Cairn, which the node is until it is used. */
    private void beginAnew() throws IOException, InterruptedException {
        if (runs == 0) {
            return;
        }
        node.driver().end(node);
        forget(node.backendDir());
        node.driver().begin(node);
    }

    private void forget(Path... more) throws IOException, InterruptedException {
        var parts = Stream.concat(Stream.of("state", "run", "cni", "marks", "graves", "archives").map(node.root()::resolve), Stream.of(more)).map(Path::toString);
        Tool.run(Stream.concat(Stream.of("rm", "-rf"), parts).toArray(String[]::new)).orThrow();
        Files.createDirectory(node.root().resolve("marks"));
    }

    @Override
    public void close() throws Exception {
        if (life.isPresent()) {
            points.kill();
            bury();
        }
        node.close();
    }
}
