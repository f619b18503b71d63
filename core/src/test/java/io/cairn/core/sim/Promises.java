package io.cairn.core.sim;

import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.vavr.collection.TreeMap;
import io.vavr.collection.TreeSet;
import java.util.ArrayList;
import java.util.List;

/**
 * What the runtime has answered, as a plain table of facts about ids, and what follows from them: an answer holds until its opposite is
 * asked for. Compared with the state and the world after every step.
 */
final class Promises {
    /** What can be said of one id; each comes to stay. */
    enum Fact {
        RUN_ANSWERED, POD_STOP_ASKED, POD_STOP_ANSWERED, POD_REMOVE_ASKED, POD_REMOVE_ANSWERED, BOOT_LOST,
        CREATE_ANSWERED, START_ANSWERED, START_FAILED, STOP_ANSWERED, REMOVE_ASKED, REMOVE_ANSWERED,
        PULL_ANSWERED
    }

    private TreeMap<String, TreeSet<Fact>> facts = TreeMap.empty();
    private TreeMap<String, String> podOf = TreeMap.empty();

    void note(String id, Fact fact) {
        facts = facts.put(id, facts.getOrElse(id, TreeSet.empty()).add(fact));
    }

    void forget(String id) {
        facts = facts.remove(id);
    }

    void belongs(String containerId, String podId) {
        podOf = podOf.put(containerId, podId);
    }

    /** Nobody has asked for its end, and no reboot has brought it. */
    boolean isUntouched(String id) {
        var known = facts.getOrElse(id, TreeSet.empty());
        return !known.contains(Fact.POD_STOP_ASKED) && !known.contains(Fact.BOOT_LOST);
    }

    /** Namespaces and processes of every pod are gone. */
    void rebooted() {
        facts.keySet().forEach(id -> note(id, Fact.BOOT_LOST));
    }

    /** What does not hold, in words; empty when all does. */
    List<String> broken(State state, World world) {
        var broken = new ArrayList<>(world.violations());
        facts.forEach((id, known) -> {
            if (known.contains(Fact.RUN_ANSWERED)) {
                pod(id, known, state, world, broken);
            }
            if (known.contains(Fact.CREATE_ANSWERED)) {
                container(id, known, state, world, broken);
            }
            if (known.contains(Fact.PULL_ANSWERED)) {
                require(state.image(id).isDefined(), broken, "image %s was pulled and is not there", id);
            }
        });
        return broken;
    }

    private static void pod(String id, TreeSet<Fact> known, State state, World world, List<String> broken) {
        boolean kept = !known.contains(Fact.POD_REMOVE_ASKED);
        var sandbox = state.sandbox(id);
        require(!kept || sandbox.exists(Sandbox::isVisible), broken, "pod %s was run and is not shown", id);
        boolean ready = kept && !known.contains(Fact.POD_STOP_ASKED) && !known.contains(Fact.BOOT_LOST);
        require(!ready || sandbox.exists(Sandbox::isReady), broken, "pod %s was run and is not ready", id);
        boolean stopped = known.contains(Fact.POD_STOP_ANSWERED) && !known.contains(Fact.BOOT_LOST);
        require(!stopped || !sandbox.exists(Sandbox::isReady), broken, "pod %s was stopped and is ready", id);
        require(!stopped || !world.attached.contains(id) && !world.addresses.containsValue(id), broken,
                "pod %s was stopped and has a network", id);
        require(!stopped || world.containers.values().stream().noneMatch(c -> c.spec.sandbox().id().equals(id)
                && c.phase == SimContainer.Phase.RUNNING), broken, "pod %s was stopped and a container of it runs", id);
        boolean removed = known.contains(Fact.POD_REMOVE_ANSWERED);
        require(!removed || sandbox.isEmpty(), broken, "pod %s was removed and is there", id);
        require(!removed || !world.grounds.containsKey(id), broken, "pod %s was removed and something of it is left", id);
    }

    private void container(String id, TreeSet<Fact> known, State state, World world, List<String> broken) {
        var podFacts = facts.getOrElse(podOf.getOrElse(id, ""), TreeSet.empty());
        boolean kept = !known.contains(Fact.REMOVE_ASKED) && !podFacts.contains(Fact.POD_REMOVE_ASKED);
        var container = state.container(id);
        SimContainer real = world.containers.get(id);
        require(!kept || container.exists(Container::isVisible), broken, "container %s was created and is not shown", id);
        if (known.contains(Fact.START_ANSWERED)) {
            require(world.starts(id) == 1, broken, "container %s was started and ran %s times", id, world.starts(id));
            require(!kept || container.exists(c -> c.isRunning() || c.exit().isDefined()), broken,
                    "container %s was started and is neither running nor ended", id);
        }
        boolean over = known.contains(Fact.START_FAILED) || known.contains(Fact.STOP_ANSWERED) || known.contains(Fact.REMOVE_ANSWERED);
        require(!over || !container.exists(Container::isRunning), broken, "container %s has ended, it was said, and is shown as running", id);
        require(!over || real == null || real.phase != SimContainer.Phase.RUNNING, broken, "container %s has ended, it was said, and runs", id);
        boolean removed = known.contains(Fact.REMOVE_ANSWERED) || podFacts.contains(Fact.POD_REMOVE_ANSWERED);
        require(!removed || container.isEmpty() && real == null && !world.execs.containsValue(id), broken,
                "container %s was removed and something of it is left", id);
    }

    private static void require(boolean holds, List<String> broken, String otherwise, Object... about) {
        if (!holds) {
            broken.add(otherwise.formatted(about));
        }
    }
}
