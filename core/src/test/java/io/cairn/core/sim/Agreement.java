package io.cairn.core.sim;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.sim.SimContainer.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * What must be so between the state and the world when nothing is under way, even though effects have failed before: what runs is
 * shown and what is shown runs, nothing is held that belongs to nothing, every end is told as it was.
 */
final class Agreement {
    private Agreement() {}

    /** What is not so, in words; empty when all is. */
    static List<String> broken(State state, World world, Promises promises) {
        var broken = new ArrayList<String>();
        if (!Truth.isSettled(state)) {
            broken.add("something is still intended: " + state.sandboxes().values().filter(s -> s.pending().isDefined()).map(Sandbox::id)
                    .appendAll(state.containers().values().filter(c -> c.pending().isDefined()).map(Container::id))
                    .appendAll(state.execs().keySet()).appendAll(state.pulls().keySet()).mkString(", "));
        }
        Set<String> pods = state.sandboxes().keySet().toJavaSet();
        unowned("ground", world.grounds.keySet(), pods, broken);
        unowned("attachment", world.attached, pods, broken);
        unowned("address", world.addresses.values(), pods, broken);
        unowned("container", world.containers.keySet(), state.containers().keySet().toJavaSet(), broken);
        world.execs.forEach((exec, container) -> broken.add("command %s still runs in %s".formatted(exec, container)));
        // A stop that failed may have gone half way; it can be asked for again as long as the pod is ready.
        state.sandboxes().values().filter(s -> s.isReady() && promises.isUntouched(s.id())).forEach(s -> ready(s, world, broken));
        state.containers().values().forEach(c -> same(c, world.containers.get(c.id()), broken));
        return broken;
    }

    private static void unowned(String kind, Iterable<String> held, Set<String> owners, List<String> broken) {
        for (String id : held) {
            if (!owners.contains(id)) {
                broken.add("%s of %s is held and belongs to nothing".formatted(kind, id));
            }
        }
    }

    private static void ready(Sandbox sandbox, World world, List<String> broken) {
        World.Ground ground = world.grounds.get(sandbox.id());
        if (ground == null || !ground.whole || !ground.held) {
            broken.add("pod %s is ready without its ground".formatted(sandbox.id()));
        }
        List<String> addresses = world.addresses.entrySet().stream().filter(e -> e.getValue().equals(sandbox.id()))
                .map(java.util.Map.Entry::getKey).toList();
        if (!sandbox.usesHostNetwork() && !sandbox.ips().asJava().equals(addresses)) {
            broken.add("pod %s has %s and holds %s".formatted(sandbox.id(), sandbox.ips(), addresses));
        }
    }

    private static void same(Container shown, SimContainer real, List<String> broken) {
        boolean runs = real != null && real.phase == Phase.RUNNING;
        if (runs != shown.isRunning()) {
            broken.add("container %s is shown as %s%s and is %s".formatted(shown.id(), shown.phase(),
                    shown.neverRan().map(n -> ", never ran: " + n.cause().getMessage()).getOrElse(""), real == null ? "gone" : real.phase));
        }
        if (real != null && real.pid != 0 && shown.neverRan().isDefined()) {
            broken.add("container %s is said never to have run, and ran".formatted(shown.id()));
        }
        if (real != null && real.pid != 0 && (shown.pid() != real.pid || shown.startedAtNanos() != real.startedAtNanos)) {
            broken.add("container %s is shown as process %d and was %d".formatted(shown.id(), shown.pid(), real.pid));
        }
        if (real != null && real.exit != null && !shown.exit().contains(real.exit.toEvent(shown.id()))) {
            broken.add("container %s is shown to have ended by %s, and ended by %s".formatted(shown.id(), shown.exit(), real.exit));
        }
    }
}
