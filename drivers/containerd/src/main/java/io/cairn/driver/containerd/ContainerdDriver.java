package io.cairn.driver.containerd;

import io.cairn.core.driver.CgroupDriver;
import io.cairn.core.driver.CheckpointBackend;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.Features;
import io.cairn.core.driver.Health;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.Inventory;
import io.cairn.core.driver.ObservationSink;
import io.cairn.core.driver.ResourceBackend;
import io.cairn.core.driver.SandboxGround;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.core.driver.StreamBackend;
import io.cairn.driver.host.ContainerResources;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.OciFeatures;
import io.cairn.driver.host.PodInits;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.Sandboxes;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.checkpoint.Checkpoints;
import io.cairn.driver.host.checkpoint.RestoredImages;
import io.cairn.oci.HostFacts;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver {@code containerd}: each verb is a class of its own, this one only leads to it. */
final class ContainerdDriver implements Driver {
    static final String NAME = "containerd";

    private static final Logger LOG = LoggerFactory.getLogger(ContainerdDriver.class);

    final Backend backend;
    private final Sandboxes sandboxes;
    private final RestoredImages restoredImages;
    private final LastSeen lastSeen;
    private final String description;
    private final CgroupDriver cgroupDriver;
    private final AtomicReference<Option<TaskWatch>> watch = new AtomicReference<>(Option.none());

    ContainerdDriver(Backend backend, Sandboxes sandboxes, RestoredImages restoredImages, LastSeen lastSeen, String description,
            CgroupDriver cgroupDriver) {
        this.backend = backend;
        this.sandboxes = sandboxes;
        this.restoredImages = restoredImages;
        this.lastSeen = lastSeen;
        this.description = description;
        this.cgroupDriver = cgroupDriver;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String describe() {
        return description;
    }

    @Override
    public Health health() {
        try {
            new Plugins(backend.containerd()).version();
            return Health.READY;
        } catch (DriverException e) {
            return Health.notReady("ContainerdUnavailable", e.getMessage());
        }
    }

    @Override
    public Features features(String runtimeHandler) {
        HostFacts facts = backend.node().facts();
        OciFeatures features = backend.runtimes().features(runtimeHandler);
        boolean userNamespaces = features.userNamespaces() && facts.userNamespaces();
        return new Features(features.recursiveReadOnlyMounts() && facts.recursiveReadOnly(), userNamespaces, userNamespaces, true);
    }

    @Override
    public CgroupDriver cgroupDriver() {
        return cgroupDriver;
    }

    @Override
    public ImageBackend images() {
        return backend.roots().images();
    }

    @Override
    public ResourceBackend resources() {
        return new ContainerResources(backend.layout(), backend.roots()::usage, backend.node(), new ContainerUpdate(backend)::update);
    }

    @Override
    public CheckpointBackend checkpoints() {
        return new Checkpoints(backend.layout(), backend.roots(), (id, handler) -> TaskDumper.of(backend, id, handler), restoredImages);
    }

    @Override
    public StreamBackend streams() {
        return new Streams(backend);
    }

    @Override
    public SandboxGround prepareSandbox(SandboxSpec spec) throws DriverException {
        return sandboxes.prepare(spec);
    }

    @Override
    public void releaseSandbox(String sandboxId) throws DriverException {
        sandboxes.release(sandboxId);
    }

    @Override
    public void removeSandbox(String sandboxId) throws DriverException {
        sandboxes.remove(sandboxId);
    }

    @Override
    public CreatedContainer createContainer(ContainerSpec spec) throws DriverException {
        return new ContainerdCreation(backend, sandboxes).create(spec);
    }

    @Override
    public StartedContainer startContainer(String containerId) throws DriverException {
        return new ContainerStart(backend).start(containerId);
    }

    @Override
    public void abandonStart(String containerId) throws DriverException {
        new ContainerStart(backend).abandon(containerId);
    }

    @Override
    public void signalContainer(String containerId, int signal) throws DriverException {
        StartRecord.signal(backend.layout(), backend.boot(), containerId, signal);
    }

    @Override
    public void removeContainer(String containerId) throws DriverException {
        new ContainerRemoval(backend).remove(containerId);
        watch.get().forEach(w -> w.forget(containerId));
    }

    @Override
    public ExecResult exec(ExecSpec spec) throws DriverException {
        return new Execs(backend).exec(spec);
    }

    @Override
    public void abandonExec(String containerId, String execId) throws DriverException {
        new Execs(backend).abandon(containerId, execId);
    }

    @Override
    public SandboxProbe probeSandbox(String sandboxId) throws DriverException {
        return sandboxes.probe(sandboxId);
    }

    @Override
    public ContainerProbe probeContainer(String containerId) throws DriverException {
        return new ContainerProbing(backend).probe(containerId);
    }

    @Override
    public Inventory inventory() throws DriverException {
        ContainerdLayout layout = backend.layout();
        try {
            Set<String> records = backend.records().ids();
            Set<String> pods = layout.sandboxIds().addAll(records.flatMap(PodInits::sandboxOf));
            Set<String> containers = layout.containerIds().addAll(records.filter(id -> PodInits.sandboxOf(id).isEmpty()))
                    .addAll(backend.roots().ids());
            return new Inventory(pods, containers);
        } catch (IOException e) {
            throw Failures.io("Cannot list what there is below %s and %s".formatted(layout.state(), layout.run()), e);
        }
    }

    @Override
    public void observe(ObservationSink sink) {
        watch.getAndSet(Option.some(TaskWatch.start(backend, lastSeen, sink))).forEach(TaskWatch::close);
    }

    @Override
    public void watch(String containerId, long pid) {
        watch.get().getOrElseThrow(() -> new IllegalStateException("Expected observe before watch, but nobody observes"))
                .watch(containerId, pid);
    }

    @Override
    public Option<String> inspect(String containerId) {
        try {
            return new Inspection(backend).inspect(Requests.id(containerId));
        } catch (IOException | DriverException e) {
            LOG.warn("Cannot inspect container {}: {}", containerId, e.toString());
            return Option.none();
        }
    }

    @Override
    public void close() {
        watch.getAndSet(Option.none()).forEach(TaskWatch::close);
        backend.close();
    }
}
