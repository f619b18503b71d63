package io.cairn.crash.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.crash.points.Ledger.Pair;
import io.cairn.crash.points.Suite.Manner;
import io.cairn.crash.points.Suite.Target;
import io.cairn.testkit.DriverUnderTest;
import java.lang.Thread.UncaughtExceptionHandler;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The runtime is stopped dead at every point of a scenario in which everything that changes something is asked for, and, at some or
 * all points of the recovery from that, once more: nothing that was answered is lost, nothing is done twice, invented or left.
 */
final class CrashPointsTest {
    private static final int KILLS = Integer.getInteger("cairn.points.kills", 20);
    /** How many of the pairs of points are run, {@code all} for every one. */
    private static final String PAIRS = System.getProperty("cairn.points.pairs", "60");
    private static final boolean IS_FULL = PAIRS.equals("all");
    /** One more than there usually are processors: two would wait a third of the time, for a process of the backend's or the disk. */
    private static final int LANES = Integer.getInteger("cairn.points.lanes", 3);

    private static Suite suite;
    private static List<Target> points;

    private final UncaughtExceptionHandler before = Thread.getDefaultUncaughtExceptionHandler();

    @BeforeAll
    static void lookForPoints() throws Exception {
        suite = IS_FULL ? full() : new Suite(Manner.usual(LANES), Ledger.empty(), Progress.silent());
        points = suite.points();
    }

    @AfterAll
    static void close() throws Exception {
        suite.close();
    }

    /** Threads of a dead runtime end by a {@link Crash}, of which nobody needs to hear. */
    @BeforeEach
    void letTheDeadRest() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (!(thrown instanceof Crash) && !(thrown.getCause() instanceof Crash)) {
                thrown.printStackTrace();
            }
        });
    }

    @AfterEach
    void restore() {
        Thread.setDefaultUncaughtExceptionHandler(before);
    }

    @Test
    void whereverTheRuntimeStopsItComesBackToTheTruth() throws Exception {
        long seed = Long.getLong("cairn.points.seed", System.nanoTime());
        points.forEach(point -> suite.want(point, Optional.empty()));
        suite.run("points");
        System.out.printf("crash points: %d, stopped at %d of them in %d runs, %d of the output's did not come again%n", points.size(),
                suite.stopped(), suite.runs(), suite.elusive());
        assertAllWell();
        assertThat(suite.stopped() + suite.elusive()).isEqualTo(points.size());

        var pairs = Pairs.of(points, suite.recoveries());
        List<Pair> chosen = IS_FULL ? pairs.different() : pairs.sample(Integer.parseInt(PAIRS), new Random(seed));
        chosen.forEach(pair -> suite.want(pair.first(), Optional.of(pair.second())));
        int ofPoints = suite.elusive();
        suite.run("pairs of points");
        int absent = suite.elusive() - ofPoints;
        System.out.printf("pairs of points: %d of %d run, of %d the second, of rows thrown away, did not come again%s (seed: -Dcairn.points.seed=%d)%n",
                chosen.size(), pairs.all().size(), absent, IS_FULL ? ", " + pairs.equal() : "", seed);
        assertAllWell();
    }

    /** Every pair, in hours at most: goes on where it was when it is begun again. */
    private static Suite full() throws Exception {
        Path directory = Path.of(System.getProperty("cairn.points.ledger"));
        String driver = DriverUnderTest.chosen().name();
        return new Suite(new Manner(LANES, 3, 20, true),
                Ledger.of(directory.resolve(driver), System.getProperty("cairn.points.build")), Progress.in(directory.resolve(driver + ".progress")));
    }

    /** The same with a process of its own, and its death by SIGKILL. */
    @Test
    void aProcessThatIsKilledLeavesNothingElseBehind() throws Exception {
        long seed = Long.getLong("cairn.points.seed", System.nanoTime());
        var shuffled = new ArrayList<>(points);
        Collections.shuffle(shuffled, new Random(seed));
        suite.kill(shuffled, KILLS);
        System.out.printf("processes killed at their points: %d (seed: -Dcairn.points.seed=%d)%n", suite.killed(), seed);
        assertAllWell();
        assertThat(suite.killed()).isGreaterThanOrEqualTo(KILLS);
    }

    private static void assertAllWell() {
        assertThat(suite.failures()).as(() -> String.join("\n", suite.failures())).isEmpty();
        assertThat(suite.never()).as("points that did not come again").isEmpty();
    }
}
