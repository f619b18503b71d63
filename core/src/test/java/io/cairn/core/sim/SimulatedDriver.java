package io.cairn.core.sim;

import com.google.protobuf.ByteString;
import io.cairn.core.driver.CgroupDriver;
import io.cairn.core.driver.CheckpointBackend;
import io.cairn.core.driver.ContainerProbe;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.Driver;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.core.driver.ExitReport;
import io.cairn.core.driver.Features;
import io.cairn.core.driver.Health;
import io.cairn.core.driver.ImageBackend;
import io.cairn.core.driver.Inventory;
import io.cairn.core.driver.ObservationSink;
import io.cairn.core.driver.ResourceBackend;
import io.cairn.core.driver.StreamBackend;
import io.cairn.core.driver.SandboxGround;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.core.driver.StartedContainer;
import io.cairn.core.sim.SimContainer.Phase;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerUser;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.journal.Evidence;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashSet;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.util.TreeSet;
import java.util.concurrent.Executor;

/** One life of a driver on the simulated world. Exits are reported twice, on the thread that caused them if nothing else is asked for. */
public final class SimulatedDriver implements Driver {
    public static final String NAME = "simulated";
    private static final int SIGKILL = 9;

    private final World world;
    private final Points points;
    private final Executor notices;
    private final SimulatedImages images;
    private final World.Listener listener = this::exited;
    private final TreeSet<String> watched = new TreeSet<>();
    private ObservationSink sink = (id, report) -> {};
    private boolean observing;

    public SimulatedDriver(World world, Points points) {
        this(world, points, Runnable::run);
    }

    /** @param notices tells of exits: at once or later, in order or not */
    SimulatedDriver(World world, Points points, Executor notices) {
        this.world = world;
        this.points = points;
        this.notices = notices;
        this.images = new SimulatedImages(world, points);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String describe() {
        return "a world without processes";
    }

    @Override
    public Health health() {
        return Health.READY;
    }

    @Override
    public Features features(String runtimeHandler) {
        return new Features(true, false, false, true);
    }

    @Override
    public CgroupDriver cgroupDriver() {
        return CgroupDriver.CGROUPFS;
    }

    @Override
    public ImageBackend images() {
        return images;
    }

    @Override
    public ResourceBackend resources() {
        return new SimulatedResources(world, points);
    }

    @Override
    public CheckpointBackend checkpoints() {
        return new SimulatedCheckpoints(world, points);
    }

    @Override
    public StreamBackend streams() {
        return new SimulatedStreams(world);
    }

    @Override
    public SandboxGround prepareSandbox(SandboxSpec spec) throws DriverException {
        points.pass("prepare begins");
        world.begin("prepare", spec.id());
        synchronized (world) {
            world.grounds.computeIfAbsent(spec.id(), id -> new World.Ground(spec)).held = true;
        }
        points.pass("prepare half done");
        world.begin("prepare half", spec.id());
        synchronized (world) {
            world.grounds.get(spec.id()).whole = true;
        }
        points.pass("prepare done");
        world.begin("prepare done", spec.id());
        return ground(spec);
    }

    static SandboxGround ground(SandboxSpec spec) {
        boolean host = spec.config().getLinux().getSecurityContext().getNamespaceOptions().getNetwork() == NamespaceMode.NODE;
        return new SandboxGround(host ? Option.none() : Option.some(Path.of("/run/simulated/netns", spec.id())));
    }

    @Override
    public void releaseSandbox(String id) throws DriverException {
        points.pass("release begins");
        world.begin("release", id);
        synchronized (world) {
            World.Ground ground = world.grounds.get(id);
            world.require(!world.attached.contains(id) && !world.addresses.containsValue(id), "a ground is released before its network");
            world.require(world.containers.values().stream().noneMatch(c -> c.spec.sandbox().id().equals(id) && c.phase == Phase.RUNNING),
                    "a ground is released under a running container");
            if (ground != null) {
                ground.held = false;
            }
        }
        points.pass("release done");
        world.begin("release done", id);
    }

    @Override
    public void removeSandbox(String id) throws DriverException {
        points.pass("remove sandbox begins");
        world.begin("removeSandbox", id);
        synchronized (world) {
            World.Ground ground = world.grounds.remove(id);
            world.require(ground == null || !ground.held, "a sandbox is removed before it is released");
            world.require(world.containers.values().stream().noneMatch(c -> c.spec.sandbox().id().equals(id)),
                    "a sandbox is removed before its containers");
        }
        points.pass("remove sandbox done");
        world.begin("removeSandbox done", id);
    }

    @Override
    public CreatedContainer createContainer(ContainerSpec spec) throws DriverException {
        points.pass("create begins");
        world.begin("create", spec.id());
        synchronized (world) {
            World.Ground ground = world.grounds.get(spec.sandbox().id());
            world.require(ground != null && ground.whole && ground.held, "a container is made in a sandbox that is not whole");
            world.require(world.images.contains(spec.imageId()), "a container is made from an image that is not there");
            world.containers.putIfAbsent(spec.id(), new SimContainer(spec));
        }
        points.pass("create half done");
        world.begin("create half", spec.id());
        if (program(spec.id()).equals(Programs.CANNOT_BE_MADE)) {
            throw new DriverException(Failure.Kind.FAILED, "the simulated driver cannot make " + spec.id());
        }
        synchronized (world) {
            world.containers.get(spec.id()).phase = Phase.CREATED;
        }
        points.pass("create done");
        world.begin("create done", spec.id());
        var user = ContainerUser.newBuilder().setLinux(LinuxContainerUser.newBuilder().setUid(1000).setGid(1000)).build();
        return new CreatedContainer(user, Vector.of("oom_score_adj -999 was clamped to 0"));
    }

    @Override
    public StartedContainer startContainer(String id) throws DriverException {
        points.pass("start begins");
        world.begin("start", id);
        String program = program(id);
        if (program.equals(Programs.CANNOT_BE_STARTED)) {
            throw new DriverException(Failure.Kind.INVALID, "exec: \"nope\": executable file not found");
        }
        StartedContainer started;
        synchronized (world) {
            SimContainer container = world.containers.get(id);
            world.require(world.starts.merge(id, 1, Integer::sum) == 1, "container " + id + " is started twice");
            container.phase = Phase.RUNNING;
            container.pid = world.nextPid();
            container.startedAtNanos = world.clock.wallNanos();
            started = new StartedContainer(container.pid, container.startedAtNanos);
        }
        if (program.equals(Programs.EXITS_AT_ONCE)) {
            world.end(id, 3, false, "its program ended");
        }
        points.pass("start done");
        world.begin("start done", id);
        if (program.equals(Programs.START_TIMES_OUT)) {
            throw new DriverException(Failure.Kind.TIMED_OUT, "the monitor has not answered");
        }
        return started;
    }

    /** A start leaves nothing half done here. */
    @Override
    public void abandonStart(String id) throws DriverException {
        points.pass("abandon start begins");
        world.begin("abandonStart", id);
        points.pass("abandon start done");
    }

    @Override
    public void signalContainer(String id, int signal) throws DriverException {
        points.pass("signal begins");
        world.begin("signal", id);
        world.signalled(id, signal);
        if (signal == SIGKILL || !program(id).equals(Programs.STUBBORN)) {
            world.end(id, 128 + signal, false, "signal " + signal);
        }
        points.pass("signal done");
        world.begin("signal done", id);
    }

    @Override
    public void removeContainer(String id) throws DriverException {
        points.pass("remove container begins");
        world.begin("removeContainer", id);
        synchronized (world) {
            SimContainer container = world.containers.get(id);
            if (container != null && container.program().equals(Programs.STICKS) && world.stuckOnce.add(id)) {
                throw new DriverException(Failure.Kind.FAILED, "device or resource busy");
            }
            world.containers.remove(id);
            world.execs.values().removeIf(id::equals);
        }
        points.pass("remove container done");
        world.begin("removeContainer done", id);
    }

    @Override
    public ExecResult exec(ExecSpec spec) throws DriverException {
        points.pass("exec begins");
        world.begin("exec", spec.containerId());
        synchronized (world) {
            world.execs.put(spec.id(), spec.containerId());
        }
        points.pass("exec runs");
        world.begin("exec half", spec.containerId());
        synchronized (world) {
            world.execs.remove(spec.id());
        }
        if (spec.command().head().equals("times-out")) {
            throw new DriverException(Failure.Kind.TIMED_OUT, "the command was killed after " + spec.timeoutMillis() + " ms");
        }
        points.pass("exec done");
        world.begin("exec done", spec.containerId());
        return new ExecResult(spec.command().head().equals("false") ? 1 : 0, ByteString.copyFromUtf8(spec.command().mkString(" ")),
                ByteString.EMPTY);
    }

    @Override
    public void abandonExec(String containerId, String execId) {
        points.pass("abandon exec begins");
        synchronized (world) {
            world.execs.remove(execId);
        }
        points.pass("abandon exec done");
    }

    @Override
    public SandboxProbe probeSandbox(String id) {
        synchronized (world) {
            World.Ground ground = world.grounds.get(id);
            if (ground == null || !ground.held) {
                return new SandboxProbe.Absent();
            }
            return ground.whole ? new SandboxProbe.Whole(ground(ground.spec)) : new SandboxProbe.Partial("its namespaces are not there");
        }
    }

    @Override
    public ContainerProbe probeContainer(String id) throws DriverException {
        world.begin("probe", id);
        synchronized (world) {
            SimContainer container = world.containers.get(id);
            if (container == null) {
                return new ContainerProbe.Absent();
            }
            var started = new StartedContainer(container.pid, container.startedAtNanos);
            return switch (container.phase) {
                case HALF_MADE -> new ContainerProbe.Partial("it has no root file system");
                case CREATED -> new ContainerProbe.Created();
                case RUNNING -> new ContainerProbe.Running(started);
                case EXITED -> new ContainerProbe.Exited(started, container.exit);
            };
        }
    }

    @Override
    public Inventory inventory() {
        synchronized (world) {
            return new Inventory(HashSet.ofAll(world.grounds.keySet()), HashSet.ofAll(world.containers.keySet()));
        }
    }

    @Override
    public void observe(ObservationSink toBeTold) {
        java.util.List<String> known;
        synchronized (world) {
            sink = toBeTold;
            observing = true;
            known = java.util.List.copyOf(watched);
        }
        world.listen(listener);
        known.forEach(this::reportIfEnded);
    }

    @Override
    public void watch(String id, long pid) {
        boolean tell;
        synchronized (world) {
            watched.add(id);
            tell = observing;
        }
        if (tell) {
            reportIfEnded(id);
        }
    }

    private void reportIfEnded(String id) {
        ExitReport report;
        synchronized (world) {
            SimContainer container = world.containers.get(id);
            report = container == null ? gone() : container.exit;
        }
        if (report != null) {
            exited(id, report);
        }
    }

    /** By the process alone, the second witness. */
    private ExitReport gone() {
        long now = world.clock.wallNanos();
        return new ExitReport(Option.none(), false, now, now, Evidence.newBuilder().setWitness(Evidence.Witness.PROCESS_TABLE)
                .setDetail("no process of it is there").setObservedAtNanos(now).build());
    }

    private void exited(String id, ExitReport report) {
        notices.execute(() -> tell(id, report));
        notices.execute(() -> tell(id, report));
    }

    private void tell(String id, ExitReport report) {
        if (!points.isDead()) {
            sink.exited(id, report);
        }
    }

    @Override
    public Option<String> inspect(String id) {
        return Option.some("{\"simulated\":true}");
    }

    @Override
    public void close() {
        world.forget(listener);
    }

    private String program(String id) throws DriverException {
        synchronized (world) {
            SimContainer container = world.containers.get(id);
            if (container == null) {
                throw new DriverException(Failure.Kind.NOT_FOUND, "the simulated driver holds no container " + id);
            }
            return container.program();
        }
    }
}
