package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.linux.Mounts;
import io.cairn.linux.Processes;
import io.cairn.oci.BuiltSpec;
import io.cairn.oci.InitSpec;
import io.cairn.oci.OciSpec;
import io.cairn.oci.PodNamespaces;
import io.cairn.oci.UserMappings;
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
public record PodInits(Layout layout, InitRunner runner, Node node) {
    private static final String PREFIX = "init-";
    private static final long DEATH_MILLIS_MAX = 10_000;

    private static String containerId(String sandboxId) {
        return PREFIX + sandboxId;
    }

    /** The pod whose init a backend knows by this id; none for the id of a container. */
    public static Option<String> sandboxOf(String containerId) {
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
        Path bundle = FileTrees.directory(bundle(spec.id()));
        Option<UserMappings> users = Sandboxes.users(spec);
        if (users.isDefined()) {
            showRoot(spec.id(), users.get().gids().hostId());
        }
        FileTrees.write(bundle.resolve("config.json"), spec(spec, users.isDefined()).spec().toJson());
        runner.start(containerId(spec.id()), bundle, spec.runtimeHandler());
    }

    /** The state directory is closed to a pod's own users, so that they are shown the root elsewhere. */
    private void showRoot(String sandboxId, long gid) throws IOException {
        FileTrees.letPass(layout.sandboxRun(sandboxId), gid);
        FileTrees.letPass(bundle(sandboxId), gid);
        Mounts.bind(rootfs(), FileTrees.directory(shownRoot(sandboxId)));
    }

    private Path shownRoot(String sandboxId) {
        return bundle(sandboxId).resolve("rootfs");
    }

    void end(String sandboxId, String handler) throws IOException, DriverException {
        Option<ProcessRef> process = find(sandboxId);
        if (process.isDefined()) {
            process.get().signal(Processes.SIGKILL);
            if (!process.get().awaitEnd(DEATH_MILLIS_MAX)) {
                throw Failures.failed("Process %d, the init of pod %s, was killed and does not end", process.get().pid(), sandboxId);
            }
        }
        Cgroups cgroups = cgroups(sandboxId);
        runner.remove(containerId(sandboxId), bundle(sandboxId), handler);
        cgroups.killAll(DEATH_MILLIS_MAX);
        cgroups.remove();
        while (Mounts.unmount(shownRoot(sandboxId))) {
            // Until none is left: a crash may have stacked them.
        }
        FileTrees.delete(bundle(sandboxId));
    }

    /** To be called once, before the first pod: all pods use the one file. Refuses where there is no program for the machine. */
    public void installProgram() throws IOException, DriverException {
        Path program = FileTrees.directory(rootfs()).resolve("init");
        byte[] bytes = PodInit.program(node.facts().architecture());
        if (!Arrays.equals(FileTrees.read(program).getOrElse(new byte[0]), bytes)) {
            FileTrees.write(program, bytes);
        }
        // What is mounted there; the OCI runtime could make them itself, but not as a user of a pod's own.
        // Whoever the process is, it must be able to come to its program, and to open what is mounted on, as newer runc does (1.3.6).
        for (Path directory : List.of(FileTrees.directory(rootfs().resolve("proc")), FileTrees.directory(rootfs().resolve("dev")), rootfs())) {
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("r-xr-xr-x"));
        }
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("r-xr-xr-x"));
    }

    private BuiltSpec spec(SandboxSpec sandbox, boolean ownUsers) throws DriverException {
        Path root = ownUsers ? shownRoot(sandbox.id()) : rootfs();
        return new InitSpec(containerId(sandbox.id()), sandbox.config(), List.of("/init"), root, namespaces(sandbox, Option.none()),
                node.cgroups(), node.facts())
                .build().getOrElseThrow(problem -> Failures.failed("Cannot make the init of pod %s: %s", sandbox.id(), problem.message()));
    }

    /** Where the processes of a pod belong; the init itself is in no PID namespace of the pod, it makes it. */
    PodNamespaces namespaces(SandboxSpec sandbox, Option<ProcessRef> init) {
        Path pins = layout.namespaces().resolve(sandbox.id());
        SandboxRecord record = SandboxRecord.of(sandbox);
        return new PodNamespaces(Option.when(record.net(), pins.resolve("net")), Option.when(record.ipc(), pins.resolve("ipc")),
                Option.when(record.net(), pins.resolve("uts")),
                init.map(p -> Path.of("/proc", Long.toString(p.pid()), "ns", "pid")), Option.when(record.user(), pins.resolve("user")),
                Option.none());
    }
}
