package io.cairn.core.sim;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.proto.journal.Evidence;
import io.vavr.control.Option;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Everything that is outside of the runtime: it goes on when the runtime dies. Guarded by its monitor.
 *
 * <p>What must never happen is written into {@link #violations}, whoever does it.
 */
public final class World {
    /** Something to happen at the beginning of a step, once: throw to fail, wait to hang. */
    public interface Behaviour {
        void at(String id) throws DriverException;
    }

    /** Hears of exits while it lives. */
    interface Listener {
        void exited(String containerId, ExitReport report);
    }

    final TestClock clock;
    final Map<String, Ground> grounds = new TreeMap<>();
    final Map<String, SimContainer> containers = new TreeMap<>();
    final Map<String, String> addresses = new TreeMap<>();
    final Set<String> attached = new TreeSet<>();
    final Set<String> images = new TreeSet<>();
    final Map<String, String> execs = new TreeMap<>();
    final Map<String, Integer> starts = new TreeMap<>();
    final Set<String> stuckOnce = new TreeSet<>();
    /** By location, whose they are and whether they are whole. */
    final Map<String, Archive> archives = new TreeMap<>();
    private final List<String> violations = new ArrayList<>();
    private final List<String> signals = new ArrayList<>();
    private final Map<String, Behaviour> behaviours = new HashMap<>();
    private final List<Listener> listeners = new ArrayList<>();
    private long lastPid = 1000;

    record Archive(String containerId, String checkpointId, boolean whole) {}

    /** A sandbox's ground: {@code held} until released. */
    static final class Ground {
        final SandboxSpec spec;
        boolean whole;
        boolean held = true;

        Ground(SandboxSpec spec) {
            this.spec = spec;
        }
    }

    public World(TestClock clock) {
        this.clock = clock;
    }

    /** The next time the driver or the network begins this step, do this. */
    public synchronized void next(String step, Behaviour behaviour) {
        behaviours.put(step, behaviour);
    }

    /** What was to happen at some step and has not. */
    synchronized void forgetBehaviours() {
        behaviours.clear();
    }

    void begin(String step, String id) throws DriverException {
        Behaviour behaviour;
        synchronized (this) {
            behaviour = behaviours.remove(step);
        }
        if (behaviour != null) {
            behaviour.at(id);
        }
    }

    /** A program ends by itself, at this moment, whether anybody listens or not. */
    public void exits(String containerId, int code, boolean oomKilled) {
        end(containerId, code, oomKilled, "its program ended");
    }

    void end(String containerId, int code, boolean oomKilled, String detail) {
        ExitReport report;
        List<Listener> told;
        synchronized (this) {
            SimContainer container = containers.get(containerId);
            if (container == null || container.phase != SimContainer.Phase.RUNNING) {
                return;
            }
            long now = clock.wallNanos();
            report = new ExitReport(Option.some(code), oomKilled, now, now, Evidence.newBuilder()
                    .setWitness(Evidence.Witness.EXIT_RECORD).setDetail(detail).setObservedAtNanos(now).build());
            container.phase = SimContainer.Phase.EXITED;
            container.exit = report;
            told = List.copyOf(listeners);
        }
        told.forEach(listener -> listener.exited(containerId, report));
    }

    synchronized void listen(Listener listener) {
        listeners.add(listener);
    }

    synchronized void forget(Listener listener) {
        listeners.remove(listener);
    }

    synchronized long nextPid() {
        return ++lastPid;
    }

    synchronized void signalled(String containerId, int signal) {
        signals.add(containerId + " " + signal);
    }

    synchronized void require(boolean condition, String violation) {
        if (!condition) {
            violations.add(violation);
        }
    }

    /** The host is booted anew: no process, namespace or address survives; what lies on disk does. */
    public synchronized void reboot() {
        containers.values().removeIf(c -> c.phase == SimContainer.Phase.RUNNING);
        grounds.values().forEach(g -> g.whole = false);
        execs.clear();
    }

    /** Every trace of a container is gone, and nobody saw how. */
    public synchronized void lose(String containerId) {
        containers.remove(containerId);
    }

    /** An image's content rots. */
    public synchronized void damage(String imageId) {
        images.remove(imageId);
    }

    public synchronized List<String> violations() {
        return List.copyOf(violations);
    }

    /** Signals in the order they were sent: container id, space, number. */
    public synchronized List<String> signals() {
        return List.copyOf(signals);
    }

    public synchronized int starts(String containerId) {
        return starts.getOrDefault(containerId, 0);
    }

    public synchronized Map<String, Integer> starts() {
        return Map.copyOf(starts);
    }

    public synchronized boolean isRunning(String containerId) {
        return containers.containsKey(containerId) && containers.get(containerId).phase == SimContainer.Phase.RUNNING;
    }

    /** Everything that is held, in words: for comparing with what should be. */
    public synchronized List<String> held() {
        var held = new ArrayList<String>();
        grounds.forEach((id, g) -> held.add("ground " + id + (g.held ? g.whole ? "" : " half" : " released")));
        attached.forEach(id -> held.add("attachment " + id));
        addresses.forEach((address, id) -> held.add("address " + address + " of " + id));
        containers.forEach((id, c) -> held.add("container " + id + " " + c.phase));
        archives.forEach((location, archive) -> {
            if (!archive.whole()) {
                held.add("half an archive at " + location);
            }
        });
        execs.forEach((id, container) -> held.add("exec " + id + " in " + container));
        return held;
    }

    public synchronized Set<String> images() {
        return Set.copyOf(images);
    }
}
