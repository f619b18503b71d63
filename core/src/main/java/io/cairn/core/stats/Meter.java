package io.cairn.core.stats;

import io.cairn.cgroups.CgroupReader;
import io.cairn.cgroups.CgroupUse;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.LayerUse;
import io.cairn.core.driver.ResourceBackend;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.SandboxOperations;
import io.cairn.core.engine.Clock;
import io.cairn.network.InterfaceCounters;
import io.cairn.network.NetworkException;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what pods and containers use. What cannot be read is missing in the answer: one container that is just being removed must
 * not cost the kubelet the numbers of all others. Thread-safe.
 */
public final class Meter implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Meter.class);
    /** So many more than there are containers may be remembered before what is gone is looked for. */
    private static final int SLACK = 64;

    private final Supplier<State> state;
    private final Drivers drivers;
    private final CgroupReader cgroups;
    private final Clock clock;
    private final CpuRates rates = new CpuRates();
    private final WritableLayers layers;

    /** @param state the current one, whenever it is asked for */
    public Meter(Supplier<State> state, Drivers drivers, CgroupReader cgroups, Clock clock) {
        this.state = state;
        this.drivers = drivers;
        this.cgroups = cgroups;
        this.clock = clock;
        this.layers = new WritableLayers(this::writableLayer, clock, WritableLayers.FIRST_WAIT);
    }

    CgroupReader cgroups() {
        return cgroups;
    }

    /** What containers use, each read once. The writable layers are asked for together, so that all wait once at most. */
    public Vector<ContainerReading> containers(Vector<Container> containers) {
        forgetWhatIsGone();
        var written = layers.latest(containers.map(Container::id));
        return containers.map(c -> container(c, written.get(c.id())));
    }

    public PodReading pod(Sandbox sandbox) {
        long at = clock.wallNanos();
        long monotonic = clock.monotonicNanos();
        Option<CgroupUse> use = cgroup(sandbox).flatMap(this::read);
        Vector<Container> running = state.get().containersOf(sandbox.id()).filter(Container::isRunning);
        return new PodReading(sandbox, at, use, rate(sandbox.id(), monotonic, use), network(sandbox), containers(running));
    }

    /** The cgroup of a container that runs. */
    Option<String> cgroup(Container container) {
        Option<ResourceBackend> backend = backend(container).filter(b -> container.isRunning());
        return backend.flatMap(b -> attempt(() -> b.cgroup(container.id())));
    }

    /** The cgroup of a pod that has one of its own. */
    Option<String> cgroup(Sandbox sandbox) {
        return attempt(() -> driver(sandbox).resources().cgroup(SandboxOperations.spec(sandbox)));
    }

    private ContainerReading container(Container container, Option<WritableLayers.Measured> layer) {
        long at = clock.wallNanos();
        long monotonic = clock.monotonicNanos();
        Option<CgroupUse> use = cgroup(container).flatMap(this::read);
        return new ContainerReading(container, at, use, rate(container.id(), monotonic, use),
                layer.map(m -> new ContainerReading.Layer(m.use(), m.wallNanos())));
    }

    private Option<CgroupUse> read(String cgroup) {
        return attempt(() -> cgroups.read(cgroup));
    }

    private Option<Long> rate(String id, long monotonicNanos, Option<CgroupUse> use) {
        return use.flatMap(CgroupUse::cpu).flatMap(cpu -> rates.count(id, monotonicNanos, cpu.usageNanos()));
    }

    private static Vector<InterfaceCounters> network(Sandbox sandbox) {
        if (!sandbox.isReady() || sandbox.networkNamespace().isEmpty()) {
            return Vector.empty();
        }
        try {
            return InterfaceCounters.in(Path.of(sandbox.networkNamespace().get()));
        } catch (NetworkException e) {
            LOG.debug("{}", e.getMessage());
            return Vector.empty();
        }
    }

    private void forgetWhatIsGone() {
        State now = state.get();
        int live = now.containers().size() + now.sandboxes().size();
        if (rates.size() + layers.size() > 2 * live + SLACK) {
            var ids = now.containers().keySet().addAll(now.sandboxes().keySet());
            rates.keep(ids);
            layers.keep(ids);
        }
    }

    private LayerUse writableLayer(String containerId) throws DriverException {
        Option<ResourceBackend> backend = state.get().container(containerId).flatMap(this::backend);
        return backend.getOrElseThrow(() -> new DriverException(Failure.Kind.NOT_FOUND, "container " + containerId + " is gone"))
                .writableLayer(containerId);
    }

    private Option<ResourceBackend> backend(Container container) {
        return state.get().sandbox(container.sandboxId()).map(sandbox -> driver(sandbox).resources());
    }

    private Driver driver(Sandbox sandbox) {
        return drivers.named(sandbox.driver());
    }

    private interface Reading<T> {
        Option<T> read() throws DriverException, IOException;
    }

    private static <T> Option<T> attempt(Reading<T> reading) {
        try {
            return reading.read();
        } catch (DriverException | IOException e) {
            LOG.debug("A reading failed: {}", e.toString());
            return Option.none();
        }
    }

    @Override
    public void close() {
        layers.close();
    }
}
