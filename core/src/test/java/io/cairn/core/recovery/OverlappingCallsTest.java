package io.cairn.core.recovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.Pending;
import io.cairn.core.sim.Directories;
import io.cairn.core.sim.Eventually;
import io.cairn.core.sim.InMemory;
import io.cairn.core.sim.Kubelet;
import io.cairn.core.sim.Life;
import io.cairn.core.sim.Programs;
import io.cairn.core.sim.TestClock;
import io.cairn.core.sim.Truth;
import io.cairn.core.sim.World;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Crashes while several calls about the same pod are under way: their intents are open side by side. */
class OverlappingCallsTest {
    @TempDir(factory = InMemory.class) Path temp;

    private final TestClock clock = new TestClock();
    private final World world = new World(clock);
    private final Kubelet kubelet = new Kubelet(world);
    private final CountDownLatch never = new CountDownLatch(1);
    private Life life;

    @BeforeEach
    void aPodWithTwoContainers() throws Exception {
        life = Life.start(temp.resolve("first"), world);
        kubelet.talkTo(life);
        kubelet.pull("app");
        kubelet.run("p1");
        for (String name : new String[] {"a", "b"}) {
            kubelet.create("p1", name, Programs.SLEEP);
            kubelet.start(name);
        }
    }

    @Test
    void aContainerIsRemovedWhileItsPodIsBeingStopped() throws Exception {
        hangIn("signal", () -> kubelet.stopPod("p1"));
        awaitPending(Pending.Kind.CONTAINER_STOP);
        // One of the two is being killed by the pod's stop; the other one is free to be removed.
        String free = life.engine.state().containers().values().find(c -> c.pending().isEmpty()).get().config().getMetadata().getName();
        hangIn("signal", () -> kubelet.remove(free));
        awaitPending(Pending.Kind.CONTAINER_REMOVE);

        dieAndRecover();

        assertSettled();
        kubelet.remove(free);
        kubelet.stopPod("p1");
        kubelet.removePod("p1");
        assertThat(world.held()).isEmpty();
        life.close();
    }

    @Test
    void aPodIsRemovedWithItsRunningContainers() throws Exception {
        hangIn("removeContainer", () -> kubelet.removePod("p1"));
        awaitPending(Pending.Kind.CONTAINER_REMOVE);

        dieAndRecover();

        assertSettled();
        assertThat(life.engine.state().sandboxes()).as("the removal of the pod is carried to its end").isEmpty();
        assertThat(world.held()).isEmpty();
        life.close();
    }

    @Test
    void aStopThatWaitsOutItsGraceIsGoneOnWith() throws Exception {
        kubelet.create("p1", "stubborn", Programs.STUBBORN);
        kubelet.start("stubborn");
        background(() -> kubelet.stop("stubborn", 60_000));
        awaitPending(Pending.Kind.CONTAINER_STOP);
        Eventually.holds("the signal is sent", () -> !world.signals().isEmpty());

        dieAndRecover(() -> clock.advanceMillis(59_990));

        assertSettled();
        assertThat(world.held()).anyMatch(held -> held.endsWith(" EXITED"));
        life.close();
    }

    @Test
    void aStopIsCutOffBeforeItsSignalWasSent() throws Exception {
        hangIn("signal", () -> kubelet.stop("a", 60_000));
        awaitPending(Pending.Kind.CONTAINER_STOP);

        dieAndRecover();

        assertSettled();
        assertThat(world.signals()).as("the program is asked to end, not only killed").singleElement().asString().endsWith(" 15");
        life.close();
    }

    private void assertSettled() {
        Eventually.holds("every doubt is settled", () -> Truth.isSettled(life.engine.state()) || life.points.isDead());
        assertThat(life.halts()).isEmpty();
        Truth.assertAgree(life.engine.state(), world);
    }

    /** Asks, and never comes back from the step. */
    private void hangIn(String step, Runnable request) {
        var hanging = new CountDownLatch(1);
        world.next(step, id -> {
            hanging.countDown();
            try {
                never.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        background(request);
        Eventually.holds("the call hangs in " + step, () -> hanging.getCount() == 0);
    }

    private static void background(Runnable request) {
        Thread.ofVirtual().start(request);
    }

    private void awaitPending(Pending.Kind kind) {
        Eventually.holds("a " + kind + " is open", () -> life.engine.state().containers().values().exists(c -> c.isPending(kind)));
    }

    private void dieAndRecover() throws Exception {
        dieAndRecover(() -> {});
    }

    private void dieAndRecover(Runnable meanwhile) throws Exception {
        life.points.kill();
        Directories.copy(temp.resolve("first"), temp.resolve("second"));
        life.bury();
        meanwhile.run();
        life = Life.start(temp.resolve("second"), world);
        kubelet.talkTo(life);
    }
}
