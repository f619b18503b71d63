package io.cairn.core.sim;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The numbered points at which one life of the runtime can be stopped dead. At the chosen one, and at every later one, a
 * {@link Crash} is thrown: a dead runtime has no more effects, whichever of its threads tries. Thread-safe.
 */
public final class Points {
    private int crashAt;
    private final Runnable between;
    private final List<String> passed = new ArrayList<>();
    private final CompletableFuture<Void> death = new CompletableFuture<>();

    private Points(int crashAt, Runnable between) {
        this.crashAt = crashAt;
        this.between = between;
    }

    /** A life that only counts. */
    public static Points counting() {
        return new Points(Integer.MAX_VALUE, () -> {});
    }

    /** @param number of the point, from 1 */
    public static Points crashingAt(int number) {
        return new Points(number, () -> {});
    }

    /** @param more at which point from now this life crashes, from 1; 0 for at none */
    public synchronized void crashAfter(int more) {
        crashAt = more > 0 ? passed.size() + more : Integer.MAX_VALUE;
    }

    /** How many were passed. */
    public synchronized int count() {
        return passed.size();
    }

    /** A life in which every thread lets the others go first at each point. */
    static Points yielding() {
        return new Points(Integer.MAX_VALUE, Thread::yield);
    }

    public void pass(String where) {
        between.run();
        reach(where);
    }

    private synchronized void reach(String where) {
        if (isDead()) {
            throw new Crash("already dead at " + where);
        }
        passed.add(where);
        if (passed.size() >= crashAt) {
            death.complete(null);
            throw new Crash(where);
        }
    }

    /** Ends this life wherever it is. */
    public synchronized void kill() {
        death.complete(null);
    }

    public boolean isDead() {
        return death.isDone();
    }

    /** Completes when this life ends by a crash. */
    public CompletableFuture<Void> death() {
        return death;
    }

    public synchronized List<String> passed() {
        return List.copyOf(passed);
    }
}
