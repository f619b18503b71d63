package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.linux.Processes;
import io.cairn.oci.BuiltSpec;
import io.cairn.oci.CgroupDriver;
import io.cairn.oci.HostFacts;
import io.cairn.oci.InitSpec;
import io.cairn.oci.OciSpec;
import io.cairn.oci.PodNamespaces;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;

/**
 * The init process of pods whose containers share a PID namespace: {@link PodInit} as a container of its own, without image,
 * capabilities or monitor. All pods use one root directory, which is read-only for them.
 *
 * <p>The root is in the state directory, since /run is mounted noexec on many hosts.
 */
record PodInits(Layout layout, Runtimes runtimes, HostFacts host) {
    private static final String PREFIX = "init-";
    private static final long DEATH_MILLIS_MAX = 10_000;

    private static String containerId(String sandboxId) {
        return PREFIX + sandboxId;
    }

    /** The pod whose init an OCI runtime knows by this id. */
    static Option<String> sandboxOf(String containerId) {
        return Option.when(containerId.startsWith(PREFIX), () -> containerId.substring(PREFIX.length()));
    }

    private Path bundle(String sandboxId) {
        return layout.sandboxRun(sandboxId).resolve("init");
    }

    private Path rootfs() {
        return layout.state().resolve("pod-init");
    }

    /** The init process of a pod, when it lives. */
    Option<ProcessRef> find(String sandboxId) throws IOException {
        Option<ProcessRef> process = ProcessRef.ofPidFile(bundle(sandboxId).resolve("pid"));
        // A pid file says nothing of the start time; the cgroup tells whether the process with that pid is the pod's.
        return process.filter(p -> {
            try {
                return cgroups(sandboxId).holds(p.pid());
            } catch (IOException e) {
                return false;
            }
        });
    }

    private Cgroups cgroups(String sandboxId) throws IOException {
        byte[] config = FileTrees.read(bundle(sandboxId).resolve("config.json")).getOrElse(new byte[0]);
        String path = OciSpec.parse(config).toOption().flatMap(s -> s.linux().cgroupsPath()).getOrElse("");
        return path.isEmpty() ? new Cgroups(List.empty()) : Cgroups.at(path, containerId(sandboxId));
    }

    void start(SandboxSpec spec) throws IOException, DriverException {
        if (find(spec.id()).isDefined()) {
            return;
        }
        end(spec.id(), spec.runtimeHandler());
        OciRuntime runtime = runtimes.of(spec.runtimeHandler());
        Path bundle = FileTrees.directory(bundle(spec.id()));
        FileTrees.write(bundle.resolve("config.json"), spec(spec, runtime).spec().toJson());
        runtime.runDetached(containerId(spec.id()), bundle, bundle.resolve("pid"), bundle.resolve("runtime.log"));
    }

    void end(String sandboxId, String handler) throws IOException, DriverException {
        Option<ProcessRef> process = find(sandboxId);
        if (process.isDefined()) {
            process.get().signal(Processes.SIGKILL);
            if (!process.get().awaitEnd(DEATH_MILLIS_MAX)) {
                throw Failures.failed("Process %d, the init of pod %s, was killed and does not end", process.get().pid(), sandboxId);
            }
        }
        OciRuntime runtime = runtimes.ofOrStandard(handler);
        Cgroups cgroups = cgroups(sandboxId);
        if (Files.exists(bundle(sandboxId))) {
            // A start that was cut short may still be under way.
            new Strays(runtime.root()).settle(containerId(sandboxId));
        }
        runtime.delete(containerId(sandboxId));
        cgroups.killAll(DEATH_MILLIS_MAX);
        cgroups.remove();
        FileTrees.delete(bundle(sandboxId));
    }

    /** To be called once, before the first pod: all pods use the one file. */
    void installProgram() throws IOException, DriverException {
        Path program = FileTrees.directory(rootfs()).resolve("init");
        byte[] bytes = PodInit.program(host.architecture());
        if (!Arrays.equals(FileTrees.read(program).getOrElse(new byte[0]), bytes)) {
            FileTrees.write(program, bytes);
        }
        // Whoever the process is, it must be able to come to its program.
        Files.setPosixFilePermissions(rootfs(), PosixFilePermissions.fromString("r-xr-xr-x"));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("r-xr-xr-x"));
    }

    private BuiltSpec spec(SandboxSpec sandbox, OciRuntime runtime) throws DriverException {
        return new InitSpec(containerId(sandbox.id()), sandbox.config(), List.of("/init"), rootfs(), namespaces(sandbox, Option.none()),
                runtime.systemdCgroup() ? CgroupDriver.SYSTEMD : CgroupDriver.CGROUPFS, host)
                .build().getOrElseThrow(problem -> Failures.failed("Cannot make the init of pod %s: %s", sandbox.id(), problem.message()));
    }

    /** Where the processes of a pod belong; the init itself is in no PID namespace of the pod, it makes it. */
    PodNamespaces namespaces(SandboxSpec sandbox, Option<ProcessRef> init) {
        Path pins = layout.namespaces().resolve(sandbox.id());
        SandboxRecord record = SandboxRecord.of(sandbox);
        return new PodNamespaces(Option.when(record.net(), pins.resolve("net")), Option.when(record.ipc(), pins.resolve("ipc")),
                Option.when(record.net(), pins.resolve("uts")),
                init.map(p -> Path.of("/proc", Long.toString(p.pid()), "ns", "pid")), Option.none(), Option.none());
    }
}
