package io.cairn.core.sim;

import java.lang.reflect.Constructor;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/**
 * Runs all threads of one life, one at a time, each until it waits or yields; which one is next, a seed decides. So the same seed gives
 * the same history, whatever the machine does meanwhile.
 *
 * <p>The threads are virtual ones whose scheduler this is; a virtual thread that one of them starts has the same. Time is the
 * simulated clock's: it moves to the next alarm when every thread waits, and now and then before.
 */
final class Scheduler {
    private static final int EARLY_ALARM_ONE_IN = 10;
    private static final Constructor<? extends Thread.Builder.OfVirtual> VIRTUAL = virtualWithScheduler();

    private final Rng rng;
    private final TestClock clock;
    private final Executor turns = this::runnable;
    private final List<Runnable> ready = new ArrayList<>();
    private final PriorityQueue<Alarm> alarms = new PriorityQueue<>();
    private final List<Throwable> uncaught = new ArrayList<>();
    private long alarmsSet;

    /** @param order among alarms of one time */
    private record Alarm(long atNanos, long order, Runnable action) implements Comparable<Alarm> {
        @Override
        public int compareTo(Alarm other) {
            return atNanos == other.atNanos ? Long.compare(order, other.order) : Long.compare(atNanos, other.atNanos);
        }
    }

    Scheduler(Rng rng, TestClock clock) {
        this.rng = rng;
        this.clock = clock;
    }

    /** A thread that has its turns from here once it is started. What it throws, but for a crash, is kept. */
    Thread thread(Runnable task) {
        return builder().unstarted(() -> {
            try {
                task.run();
            } catch (Crash crash) {
                // Its life has ended.
            } catch (Throwable t) {
                uncaught.add(t);
            }
        });
    }

    void start(Runnable task) {
        thread(task).start();
    }

    /** Lets one thread run on, or an alarm ring. Returns false when every thread waits and there is no alarm to wait for. */
    boolean turn() {
        boolean early = !alarms.isEmpty() && rng.oneIn(EARLY_ALARM_ONE_IN);
        if (ready.isEmpty() || early) {
            return ring();
        }
        // The last takes its place: cheaper than to close the gap, and the order means nothing.
        int chosen = rng.below(ready.size());
        Runnable turn = ready.get(chosen);
        Runnable last = ready.removeLast();
        if (chosen < ready.size()) {
            ready.set(chosen, last);
        }
        turn.run();
        return true;
    }

    private boolean ring() {
        Alarm alarm = alarms.poll();
        if (alarm == null) {
            return false;
        }
        clock.advanceTo(alarm.atNanos());
        alarm.action().run();
        return true;
    }

    /** Does something later, on no thread of its own: it may not wait. */
    void after(long nanos, Runnable action) {
        alarms.add(new Alarm(clock.now() + nanos, alarmsSet++, action));
    }

    /** The calling thread, one of ours, waits so long. */
    void sleep(long nanos) {
        var over = new CompletableFuture<Void>();
        after(nanos, () -> over.complete(null));
        over.join();
    }

    /** See {@link io.cairn.core.engine.Clock#await}: the alarm takes the lock as a thread of its own. */
    void await(Lock lock, Condition condition, long nanosMax) throws InterruptedException {
        after(nanosMax, () -> start(() -> {
            lock.lock();
            try {
                condition.signalAll();
            } finally {
                lock.unlock();
            }
        }));
        condition.await();
    }

    List<Throwable> uncaught() {
        return uncaught;
    }

    private void runnable(Runnable turn) {
        ready.add(turn);
    }

    private Thread.Builder.OfVirtual builder() {
        try {
            return VIRTUAL.newInstance(turns);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The JDK has it for its own tests, and shows it to nobody (docs/decisions/0080). */
    private static Constructor<? extends Thread.Builder.OfVirtual> virtualWithScheduler() {
        try {
            var constructor = Class.forName("java.lang.ThreadBuilders$VirtualThreadBuilder").asSubclass(Thread.Builder.OfVirtual.class)
                    .getDeclaredConstructor(Executor.class);
            constructor.setAccessible(true);
            return constructor;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("This JDK has no virtual threads with a scheduler of one's own", e);
        }
    }
}
