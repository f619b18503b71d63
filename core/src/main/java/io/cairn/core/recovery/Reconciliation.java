package io.cairn.core.recovery;

import io.cairn.core.decide.Command;
import io.cairn.core.domain.Container;
import io.cairn.core.domain.Sandbox;
import io.cairn.core.domain.State;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.Inventory;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.Operations;
import io.cairn.core.engine.Clock;
import io.cairn.core.engine.Engine;
import io.cairn.core.engine.Origin;
import io.cairn.network.NetworkException;
import io.cairn.network.PodIdentity;
import io.cairn.network.DetachRequest;
import io.cairn.network.PodNetwork;
import io.cairn.proto.journal.Event;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Evidence.Witness;
import io.cairn.proto.journal.OrphanReaped;
import io.vavr.collection.List;
import io.vavr.control.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Compares what the drivers and the network really hold with what the journal says. */
final class Reconciliation {
    private static final Logger LOG = LoggerFactory.getLogger(Reconciliation.class);

    private final Engine engine;
    private final Operations operations;
    private final Drivers drivers;
    private final PodNetwork network;
    private final Clock clock;

    Reconciliation(Engine engine, Operations operations, Drivers drivers, PodNetwork network, Clock clock) {
        this.engine = engine;
        this.operations = operations;
        this.drivers = drivers;
        this.network = network;
        this.clock = clock;
    }

    /** Records what ended while nobody listened, and watches what still runs. */
    void catchUp() {
        State state = engine.state();
        state.containers().values().filter(Container::isRunning).forEach(c -> catchUp(state, c));
        // One that was being stopped or removed may lack something with good reason; its open intent is settled afterwards.
        state.sandboxes().values().filter(s -> s.isReady() && s.pending().isEmpty()).forEach(this::catchUp);
    }

    /** Takes away what is under our mark and not in the journal. What a crash left half made was settled before. */
    void reapOrphans() {
        drivers.byName().values().forEach(this::reapOrphans);
        try {
            for (String id : network.attachments().filter(id -> engine.state().sandbox(id).isEmpty())) {
                network.detach(new DetachRequest(new PodIdentity(id, "", "", ""), Option.none(), List.empty()));
                reaped("network attachment", id, "", "");
            }
        } catch (NetworkException e) {
            LOG.warn("Network attachments that no pod owns could not be taken away; the next start tries again: {}", e.getMessage());
        }
    }

    /** Lets the plugins take away what they alone know of pods that are gone (CNI spec 1.1, GC). All others were detached before. */
    void collectNetworkGarbage() {
        try {
            network.gc(network.attachments());
        } catch (NetworkException e) {
            LOG.warn("What the network plugins may hold for pods that are gone was not collected; the next start tries again: {}",
                    e.getMessage());
        }
    }

    private void catchUp(State state, Container container) {
        Driver driver = drivers.named(state.sandboxes().apply(container.sandboxId()).driver());
        try {
            switch (driver.probeContainer(container.id())) {
                case ContainerProbe.Running running -> driver.watch(container.id(), running.started().pid());
                case ContainerProbe.Exited exited -> operations.containers().reportExit(container.id(), exited.report());
                case ContainerProbe.Absent absent -> lost(container, "the driver holds nothing of it");
                case ContainerProbe.Created created -> lost(container, "the driver shows it as not started");
                case ContainerProbe.Partial partial -> lost(container, partial.what());
            }
        } catch (DriverException e) {
            LOG.warn("Container {} could not be asked for; it is shown as it was: {}", container.id(), e.getMessage());
            driver.watch(container.id(), container.pid());
        }
    }

    private void lost(Container container, String detail) {
        long now = clock.wallNanos();
        operations.containers().reportExit(container.id(), new ExitReport(Option.none(), false,
                Math.min(now, container.startedAtNanos()), now, evidence(Witness.FILESYSTEM, detail, now)));
    }

    private void catchUp(Sandbox sandbox) {
        Driver driver = drivers.named(sandbox.driver());
        try {
            switch (driver.probeSandbox(sandbox.id())) {
                case SandboxProbe.Whole whole -> LOG.debug("Sandbox {} is whole", sandbox.id());
                case SandboxProbe.Absent absent -> vanished(sandbox, "nothing of it is there");
                case SandboxProbe.Partial partial -> vanished(sandbox, partial.what());
            }
        } catch (DriverException e) {
            LOG.warn("Sandbox {} could not be asked for; it is shown as it was: {}", sandbox.id(), e.getMessage());
        }
    }

    private void vanished(Sandbox sandbox, String detail) {
        boolean rebooted = !sandbox.bootId().equals(engine.state().bootId());
        var evidence = rebooted
                ? evidence(Witness.BOOT, "the host was booted since; " + detail, clock.wallNanos())
                : evidence(Witness.FILESYSTEM, detail, clock.wallNanos());
        operations.sandboxes().reportVanished(sandbox.id(), evidence);
    }

    private void reapOrphans(Driver driver) {
        try {
            Inventory held = driver.inventory();
            for (String id : held.containers().filter(id -> engine.state().container(id).isEmpty())) {
                driver.removeContainer(id);
                reaped("container", id, driver.name(), driver.describe());
            }
            for (String id : held.sandboxes().filter(id -> engine.state().sandbox(id).isEmpty())) {
                network.detach(new DetachRequest(new PodIdentity(id, "", "", ""), Option.none(), List.empty()));
                driver.releaseSandbox(id);
                driver.removeSandbox(id);
                reaped("sandbox", id, driver.name(), driver.describe());
            }
        } catch (DriverException | NetworkException e) {
            LOG.warn("What {} holds beyond the journal could not be taken away; the next start tries again: {}", driver.name(),
                    e.getMessage());
        }
    }

    private void reaped(String kind, String id, String driver, String detail) {
        engine.submit(new Command.Note(Event.newBuilder().setDriver(driver).setOrphanReaped(
                OrphanReaped.newBuilder().setKind(kind).setId(id).setDetail(detail)).build()), Origin.SELF);
    }

    private static Evidence evidence(Witness witness, String detail, long atNanos) {
        return Evidence.newBuilder().setWitness(witness).setDetail(detail).setObservedAtNanos(atNanos).build();
    }
}
