package io.cairn.driver.host;

import io.cairn.linux.Processes;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Set;
import java.io.IOException;
import java.util.concurrent.TimeUnit;

/** A command in a container with everything it has started, as far as that is of its session or descends from it. */
public final class ProcessFamily {
    private static final long DEATH_MILLIS_MAX = 5_000;

    private ProcessFamily() {}

    /**
     * Session and descent, each looked up anew until none is left: what was forked meanwhile belongs to them too. The number of a
     * session is not given again while anybody is in it, and whoever is hit must be in the container's cgroup.
     *
     * @param leader pid of the command's process, whose session is its own
     */
    public static void kill(long leader, Cgroups cgroups) throws IOException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(DEATH_MILLIS_MAX);
        Set<ProcessRef> family = family(leader, cgroups);
        while (!family.isEmpty() && System.nanoTime() - deadline < 0) {
            for (ProcessRef member : family) {
                member.signal(Processes.SIGKILL);
            }
            for (ProcessRef member : family) {
                member.awaitEnd(DEATH_MILLIS_MAX);
            }
            family = family(leader, cgroups);
        }
    }

    private static Set<ProcessRef> family(long leader, Cgroups cgroups) throws IOException {
        List<Processes.Stat> all = List.ofAll(Processes.all()).filter(s -> !s.hasEnded());
        Set<Long> pids = HashSet.ofAll(all.filter(s -> s.session() == leader).map(Processes.Stat::pid));
        for (int before = -1; before != pids.size(); ) {
            before = pids.size();
            Set<Long> parents = pids;
            pids = pids.addAll(all.filter(s -> parents.contains(s.parent())).map(Processes.Stat::pid));
        }
        Set<Long> found = pids;
        Set<ProcessRef> members = HashSet.empty();
        for (Processes.Stat stat : all.filter(s -> found.contains(s.pid()))) {
            if (cgroups.holds(stat.pid())) {
                members = members.add(new ProcessRef(stat.pid(), stat.startTicks()));
            }
        }
        return members;
    }
}
