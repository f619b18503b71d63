package io.cairn.core.sim;

import io.cairn.core.sim.Action.Plan;
import java.util.function.Predicate;

/** Takes actions out of a history as long as it still goes wrong: halves first, single ones at last. */
final class Shrinker {
    private static final int RUNS_MAX = 3_000;
    /** Without an action the threads run in another order, so what went wrong may need another seed. */
    private static final int SEEDS = 4;

    private final Predicate<Plan> goesWrong;
    private int runs;

    private Shrinker(Predicate<Plan> goesWrong) {
        this.goesWrong = goesWrong;
    }

    /** @return a plan that goes wrong, with as few actions as were found */
    static Plan shrink(Plan wrong, Predicate<Plan> goesWrong) {
        var shrinker = new Shrinker(goesWrong);
        Plan shortest = wrong;
        for (int size = wrong.actions().size() / 2; size > 0; size = Math.min(size / 2, shortest.actions().size())) {
            shortest = shrinker.withoutPieces(shortest, size);
        }
        return shortest;
    }

    private Plan withoutPieces(Plan wrong, int size) {
        Plan shortest = wrong;
        int from = 0;
        while (from < shortest.actions().size() && runs < RUNS_MAX) {
            Plan tried = shortest.without(from, from + size);
            Plan before = shortest;
            for (int seed = 0; seed < SEEDS && shortest == before; seed++) {
                Plan candidate = tried.withSeed(tried.seed() + seed);
                runs++;
                shortest = goesWrong.test(candidate) ? candidate : before;
            }
            from = shortest == before ? from + size : from;
        }
        return shortest;
    }
}
