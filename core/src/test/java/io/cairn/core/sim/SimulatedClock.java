package io.cairn.core.sim;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.Lock;

/** Time in which nobody really waits: the scheduler of the life that is lived moves it on. */
final class SimulatedClock extends TestClock {
    private Scheduler scheduler;

    void belongsTo(Scheduler next) {
        scheduler = next;
    }

    @Override
    public void await(Lock held, Condition condition, long nanosMax) throws InterruptedException {
        scheduler.await(held, condition, nanosMax);
    }
}
