package io.cairn.core.sim;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import io.cairn.core.sim.Action.Plan;
import io.cairn.core.sim.MemoryJournal.Damage;
import io.cairn.core.sim.Simulation.Outcome;
import io.vavr.control.Option;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/**
 * Random histories of calls, faults and crashes. {@code make simulate SEED=… STEPS=…} runs one of them again and tells it.
 */
class SimulationTest {
    private static final int HISTORIES = Integer.getInteger("cairn.histories", 10_000);
    private static final int STEPS = Integer.getInteger("cairn.steps", 40);
    private static final int PROBLEMS_TOLD = 3;
    private static final int SAME_SEEDS = 20;

    private final Logger logger = (Logger) LoggerFactory.getLogger("io.cairn.core");
    private final Level before = logger.getLevel();

    /** Histories that run side by side must not wait for each other, and all of them have one log. */
    @BeforeEach
    void silence() {
        logger.setLevel(Level.OFF);
    }

    @AfterEach
    void speakAgain() {
        logger.setLevel(before);
    }

    @Test
    void inNoHistoryIsAnythingLostDoneTwiceInventedOrLeaked() {
        if (System.getProperty("cairn.seed") != null) {
            assertThat(told(Plan.random(Long.getLong("cairn.seed"), STEPS)).problem()).isEmpty();
            return;
        }
        long first = System.nanoTime();
        var events = new AtomicLong();
        var wrong = new ConcurrentLinkedQueue<Long>();
        long begun = System.nanoTime();
        IntStream.range(0, HISTORIES).parallel().forEach(i -> {
            if (wrong.size() < PROBLEMS_TOLD) {
                Outcome outcome = Simulation.run(Plan.random(first + i, STEPS));
                events.addAndGet(outcome.events().size());
                outcome.problem().forEach(problem -> wrong.add(first + i));
            }
        });
        System.out.printf("simulation: %d histories of %d steps from seed %d, %d events, %.1f s%n", HISTORIES, STEPS, first, events.get(),
                (System.nanoTime() - begun) / 1e9);
        wrong.forEach(seed -> shrunk(Plan.random(seed, STEPS), Damage.NONE));
        assertThat(wrong).as("seeds of histories that went wrong; run one again with make simulate SEED=… STEPS=%d", STEPS).isEmpty();
    }

    /** A head is the hash of all records. Another process has other hash seeds, addresses and times. */
    @Test
    void theSameSeedGivesTheSameJournalHereAndInAnotherProcess() throws Exception {
        List<String> heads = Heads.of(SAME_SEEDS);
        assertThat(Heads.of(SAME_SEEDS)).isEqualTo(heads);
        assertThat(heads).doesNotHaveDuplicates();

        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Heads.class.getName(), Integer.toString(SAME_SEEDS)));
        Process other = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var said = other.inputReader()) {
            assertThat(said.lines().filter(line -> line.startsWith("head ")).map(line -> line.substring(5)).toList()).isEqualTo(heads);
        }
        assertThat(other.waitFor()).isZero();
    }

    /** The heads of the first journals, also as a program. */
    static final class Heads {
        static List<String> of(int seeds) {
            return IntStream.range(0, seeds).mapToObj(seed -> Simulation.run(Plan.random(seed, STEPS)).head()).toList();
        }

        public static void main(String[] arguments) {
            of(Integer.parseInt(arguments[0])).forEach(head -> System.out.println("head " + head));
        }
    }

    @Test
    void aJournalThatLosesWhatItSyncedIsFoundAndTheHistoryShortened() {
        var found = new AtomicInteger();
        Option<Plan> wrong = Option.none();
        for (long seed = 0; seed < 200; seed++) {
            Plan plan = Plan.random(seed, STEPS);
            if (Simulation.run(plan, Damage.SYNC_LIES).problem().isDefined()) {
                found.incrementAndGet();
                wrong = wrong.orElse(Option.some(plan));
            }
        }
        assertThat(found.get()).isGreaterThan(50);
        Plan shortest = shrunk(wrong.get(), Damage.SYNC_LIES);
        assertThat(shortest.actions().size()).isBetween(1, STEPS / 4);
        assertThat(Simulation.run(shortest, Damage.SYNC_LIES).problem()).isNotEmpty();
    }

    private static Outcome told(Plan plan) {
        Outcome outcome = Simulation.run(plan);
        System.out.printf("seed %d:%n%s%n%nthe journal:%n%s%n%s%n", plan.seed(), plan, outcome.told(),
                outcome.problem().map("wrong: "::concat).getOrElse("all as it must be; the journal ends in " + outcome.head()));
        return outcome;
    }

    private static Plan shrunk(Plan wrong, Damage damage) {
        Plan shortest = Shrinker.shrink(wrong, plan -> Simulation.run(plan, damage).problem().isDefined());
        Outcome outcome = Simulation.run(shortest, damage);
        System.out.printf("the history of seed %d goes wrong, and so does this part of it with seed %d:%n%s%n%nwrong: %s%n%nits journal:%n%s%n",
                wrong.seed(), shortest.seed(), shortest, outcome.problem().getOrElse("nothing any more"), outcome.told());
        return shortest;
    }
}
