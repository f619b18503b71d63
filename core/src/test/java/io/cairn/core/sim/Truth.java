package io.cairn.core.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import java.util.ArrayList;
import java.util.List;

/** Compares what the state says with what the world holds: neither may have anything the other has not. */
public final class Truth {
    private Truth() {}

    public static boolean isSettled(State state) {
        return state.sandboxes().values().forAll(s -> s.pending().isEmpty()) && state.containers().values().forAll(c -> c.pending().isEmpty())
                && state.images().values().forAll(i -> i.pending().isEmpty()) && state.execs().isEmpty() && state.pulls().isEmpty();
    }

    public static void assertAgree(State state, World world) {
        synchronized (world) {
            assertThat(world.violations()).isEmpty();
            assertThat(world.held()).containsExactlyInAnyOrderElementsOf(shouldBeHeld(state, world));
            state.containers().values().forEach(c -> assertSameFacts(c, world));
            assertThat(world.images()).containsAll(state.images().keySet());
        }
    }

    private static List<String> shouldBeHeld(State state, World world) {
        var held = new ArrayList<String>();
        for (Sandbox sandbox : state.sandboxes().values()) {
            held.add("ground " + sandbox.id() + (sandbox.isReady() ? "" : " released"));
            if (sandbox.isReady() && !sandbox.usesHostNetwork()) {
                held.add("attachment " + sandbox.id());
                assertThat(sandbox.ips()).hasSize(1);
                held.add("address " + sandbox.ips().head() + " of " + sandbox.id());
            }
        }
        state.containers().values().forEach(c -> held.add("container " + c.id() + " " + phaseInWorld(c, world)));
        return held;
    }

    private static SimContainer.Phase phaseInWorld(Container container, World world) {
        return switch (container.phase()) {
            case CREATING -> SimContainer.Phase.HALF_MADE;
            case CREATED -> SimContainer.Phase.CREATED;
            case RUNNING -> SimContainer.Phase.RUNNING;
            case EXITED -> container.neverRan().isEmpty() ? SimContainer.Phase.EXITED : neverRan(world.containers.get(container.id()));
        };
    }

    private static SimContainer.Phase neverRan(SimContainer real) {
        return real != null && real.phase == SimContainer.Phase.HALF_MADE ? SimContainer.Phase.HALF_MADE : SimContainer.Phase.CREATED;
    }

    private static void assertSameFacts(Container container, World world) {
        SimContainer real = world.containers.get(container.id());
        assertThat(container.pid()).as("pid of %s", container.config().getMetadata().getName()).isEqualTo(real.pid);
        assertThat(container.startedAtNanos()).isEqualTo(real.startedAtNanos);
        assertThat(container.resources()).as("limits of %s", container.config().getMetadata().getName()).isEqualTo(real.limits);
        assertThat(container.neverRan().isDefined()).as("never ran").isEqualTo(container.phase() == Container.Phase.EXITED && real.pid == 0);
        if (real.exit != null) {
            assertThat(container.exit().get()).as("exit of %s", container.config().getMetadata().getName())
                    .isEqualTo(real.exit.toEvent(container.id()));
        }
    }
}
