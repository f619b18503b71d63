package io.cairn.driver.runc;

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
import io.cairn.driver.host.ContainerCreation;
import io.cairn.driver.host.ContainerResources;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.OciFeatures;
import io.cairn.driver.host.PodInits;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.RootFilesystems;
import io.cairn.driver.host.Sandboxes;
import io.cairn.driver.host.StartRecord;
import io.cairn.driver.host.checkpoint.Checkpoints;
import io.cairn.driver.host.checkpoint.RestoredImages;
import io.cairn.driver.host.checkpoint.RestoredRoots;
import io.cairn.oci.HostFacts;
import io.vavr.collection.HashSet;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver {@code runc}: each verb is a class of its own, this one only leads to it. */
final class RuncDriver implements Driver {
    static final String NAME = "runc";

    private static final Logger LOG = LoggerFactory.getLogger(RuncDriver.class);

    final Backend backend;
    private final Sandboxes sandboxes;
    private final ImageRoots images;
    private final RestoredImages restoredImages;
    private final LastSeen lastSeen;
    private final String description;
    private final CgroupDriver cgroupDriver;
    private final AtomicReference<Option<ConmonWatch>> watch = new AtomicReference<>(Option.none());

    RuncDriver(Backend backend, Sandboxes sandboxes, ImageRoots images, RestoredImages restoredImages, LastSeen lastSeen,
            String description, CgroupDriver cgroupDriver) {
        this.backend = backend;
        this.sandboxes = sandboxes;
        this.images = images;
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
        Path runtime = backend.runtimes().standard().binary();
        if (!Files.isExecutable(runtime)) {
            return Health.notReady("OCIRuntimeMissing", "The OCI runtime %s is not there any more, or is no program".formatted(runtime));
        }
        Path conmon = backend.conmon().binary();
        return Files.isExecutable(conmon) ? Health.READY
                : Health.notReady("ConmonMissing", "The monitor %s is not there any more, or is no program".formatted(conmon));
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
        return images;
    }

    @Override
    public ResourceBackend resources() {
        return new ContainerResources(backend.layout(), backend.roots()::usage, backend.node(), new ContainerUpdate(backend)::update);
    }

    @Override
    public CheckpointBackend checkpoints() {
        return new Checkpoints(backend.layout(), images, (id, handler) -> new RuncDumper(backend, id, handler), restoredImages);
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
        backend.conmon().requireLog(spec);
        var removal = new ContainerRemoval(backend);
        RootFilesystems roots = spec.checkpoint().<RootFilesystems>map(checkpoint -> new RestoredRoots(images, backend.layout(), checkpoint))
                .getOrElse(backend.roots());
        return new ContainerCreation(backend.layout(), backend.node(), backend.runtimes(), roots, sandboxes, removal::remove).create(spec);
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
        RuncLayout layout = backend.layout();
        try {
            Set<String> pods = layout.sandboxIds();
            Set<String> containers = layout.containerIds().addAll(orphanedExits(layout)).addAll(backend.roots().ids());
            for (OciRuntime runtime : backend.runtimes().handlers().values().append(backend.runtimes().standard())) {
                Set<String> known = HashSet.ofAll(FileTrees.names(runtime.root()));
                pods = pods.addAll(known.flatMap(PodInits::sandboxOf));
                containers = containers.addAll(known.filter(id -> PodInits.sandboxOf(id).isEmpty()));
            }
            return new Inventory(pods, containers);
        } catch (IOException e) {
            throw Failures.io("Cannot list what there is below %s and %s".formatted(layout.state(), layout.run()), e);
        }
    }

    /** Records nobody asks for any more; what conmon is about to rename into place ({@code ID.XXXXXX}) is none of them. */
    private static Set<String> orphanedExits(RuncLayout layout) throws IOException {
        Set<String> known = FileTrees.names(layout.containers());
        return FileTrees.names(layout.exits()).filter(name -> !known.contains(name.replaceFirst("\\.[^.]{6}$", "")));
    }

    @Override
    public void observe(ObservationSink sink) {
        try {
            ConmonWatch started = ConmonWatch.start(backend.layout(), backend.exits(), lastSeen, sink);
            watch.getAndSet(Option.some(started)).forEach(ConmonWatch::close);
        } catch (IOException e) {
            throw new IllegalStateException("Expected to watch %s for exits, but %s".formatted(backend.layout().exits(), e), e);
        }
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
        watch.getAndSet(Option.none()).forEach(ConmonWatch::close);
        images.store().close();
        backend.poller().close();
    }
}
