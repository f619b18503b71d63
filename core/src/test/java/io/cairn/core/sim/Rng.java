package io.cairn.core.sim;

import java.util.List;
import java.util.SplittableRandom;

/** Seeded randomness. The seed is printed, and is taken from {@code -Dcairn.seed} when given, so that a failure can be run again. */
public final class Rng {
    private final SplittableRandom random;

    private Rng(long seed) {
        this.random = new SplittableRandom(seed);
    }

    public static Rng printed(String test) {
        long seed = Long.getLong("cairn.seed", System.nanoTime());
        System.out.println(test + ": seed " + seed + " (run again with -Dcairn.seed=" + seed + ")");
        return new Rng(seed);
    }

    static Rng of(long seed) {
        return new Rng(seed);
    }

    /** From 0 to below the bound. */
    public int below(int bound) {
        return random.nextInt(bound);
    }

    public boolean oneIn(int n) {
        return below(n) == 0;
    }

    public <T> T pick(List<T> from) {
        return from.get(below(from.size()));
    }
}
