package io.cairn.driver.docker;

import io.cairn.core.driver.CgroupDriver;
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
import io.cairn.driver.docker.streams.Execs;
import io.cairn.driver.docker.streams.Streams;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LastSeen;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.StartRecord;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The driver {@code docker}: each verb is a class of its own, this one only leads to it. */
final class DockerDriver implements Driver {
    static final String NAME = "docker";

    private static final Logger LOG = LoggerFactory.getLogger(DockerDriver.class);

    final Backend backend;
    private final Pods pods;
    private final ResourceBackend resources;
    private final LastSeen lastSeen;
    private final String description;
    private final AtomicReference<Option<EngineWatch>> watch = new AtomicReference<>(Option.none());
    private final AtomicReference<Option<PodWatch>> podWatch = new AtomicReference<>(Option.none());

    DockerDriver(Backend backend, Pods pods, ResourceBackend resources, LastSeen lastSeen, String description) {
        this.backend = backend;
        this.pods = pods;
        this.resources = resources;
        this.lastSeen = lastSeen;
        this.description = description;
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
            backend.engine().version();
            return Health.READY;
        } catch (DriverException e) {
            return Health.notReady("DockerUnavailable", e.getMessage());
        }
    }

    @Override
    public Features features(String runtimeHandler) {
        return new Features(false, false, false, true);
    }

    @Override
    public CgroupDriver cgroupDriver() {
        return backend.facts().cgroups() == io.cairn.oci.CgroupDriver.SYSTEMD ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS;
    }

    @Override
    public ImageBackend images() {
        return backend.images();
    }

    @Override
    public ResourceBackend resources() {
        return resources;
    }

    @Override
    public StreamBackend streams() {
        return new Streams(backend.engine(), backend.layout());
    }

    @Override
    public SandboxGround prepareSandbox(SandboxSpec spec) throws DriverException {
        SandboxGround ground = pods.prepare(spec);
        podWatch.get().forEach(w -> watchPod(w, spec.id()));
        return ground;
    }

    @Override
    public void releaseSandbox(String sandboxId) throws DriverException {
        podWatch.get().forEach(w -> w.forget(sandboxId));
        pods.release(sandboxId);
    }

    @Override
    public void removeSandbox(String sandboxId) throws DriverException {
        podWatch.get().forEach(w -> w.forget(sandboxId));
        pods.remove(sandboxId);
    }

    @Override
    public CreatedContainer createContainer(ContainerSpec spec) throws DriverException {
        return new ContainerCreate(backend, pods).create(spec);
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
        return new Execs(backend.engine(), backend.layout()).exec(spec);
    }

    @Override
    public void abandonExec(String containerId, String execId) throws DriverException {
        new Execs(backend.engine(), backend.layout()).abandon(containerId, execId);
    }

    @Override
    public SandboxProbe probeSandbox(String sandboxId) throws DriverException {
        return pods.probe(sandboxId);
    }

    @Override
    public ContainerProbe probeContainer(String containerId) throws DriverException {
        return new ContainerProbing(backend).probe(containerId);
    }

    @Override
    public Inventory inventory() throws DriverException {
        DockerLayout layout = backend.layout();
        try {
            return new Inventory(layout.sandboxIds().addAll(backend.owned().ids(Labels.POD)),
                    layout.containerIds().addAll(backend.owned().ids(Labels.CONTAINER)));
        } catch (IOException e) {
            throw Failures.io("Cannot list what there is below %s and %s".formatted(layout.state(), layout.run()), e);
        }
    }

    @Override
    public void observe(ObservationSink sink) {
        watch.getAndSet(Option.some(EngineWatch.start(backend, lastSeen, sink))).forEach(EngineWatch::close);
        PodWatch ofPods = PodWatch.start(sink);
        podWatch.getAndSet(Option.some(ofPods)).forEach(PodWatch::close);
        try {
            FileTrees.names(backend.layout().sandboxRuns()).forEach(id -> watchPod(ofPods, id));
        } catch (IOException e) {
            LOG.error("That pods lose their namespaces will not be seen: {}", e.getMessage());
        }
    }

    /** One that has lost them already is found by who asks for it. */
    private void watchPod(PodWatch ofPods, String sandboxId) {
        try {
            pods.process(sandboxId).forEach(process -> ofPods.watch(sandboxId, process));
        } catch (IOException e) {
            LOG.error("That pod sandbox {} loses its namespaces will not be seen: {}", sandboxId, e.getMessage());
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
        watch.getAndSet(Option.none()).forEach(EngineWatch::close);
        podWatch.getAndSet(Option.none()).forEach(PodWatch::close);
        backend.close();
    }
}
