package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxGround;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.linux.Mounts;
import io.cairn.network.IdMapping;
import io.cairn.network.NamespaceRequest;
import io.cairn.network.NetworkException;
import io.cairn.network.UserMapping;
import io.cairn.oci.OciSpec;
import io.cairn.oci.PodFiles;
import io.cairn.oci.UserMappings;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The ground of pods: pinned namespaces, files, shared memory and, where the containers share their processes, an init. No process
 * holds an ordinary pod. Thread-safe for different pods.
 */
public record Sandboxes(Layout layout, PodInits inits, OciRuntimes runtimes, Node node, io.cairn.network.PodNamespaces pins) {
    private static final long SHM_FLAGS = Mounts.MS_NOSUID | Mounts.MS_NODEV | Mounts.MS_NOEXEC;
    private static final String SHM_OPTIONS = "mode=1777,size=65536k";

    /** @see io.cairn.core.driver.Driver#prepareSandbox */
    public SandboxGround prepare(SandboxSpec spec) throws DriverException {
        Requests.id(spec.id());
        var record = SandboxRecord.of(spec);
        Option<UserMappings> users = users(spec);
        runtimes.require(spec.runtimeHandler());
        try {
            if (users.isDefined()) {
                requireUserNamespaces(spec);
                requirePassage(spec.id());
            }
            makeLogDirectory(spec.config());
            Path state = FileTrees.directory(layout.sandbox(spec.id()));
            // Not synced: no pod outlives a loss of power.
            FileTrees.write(state.resolve("sandbox.json"), record.toJson());
            new PodFilesWriter(node.facts().hostname()).write(spec.config(), state);
            pin(spec, record, users);
            if (record.ipc()) {
                mountShm(spec.id(), users);
            }
            if (record.pid()) {
                inits.start(spec);
            }
            return ground(record);
        } catch (IOException e) {
            throw Failures.io("Cannot prepare pod sandbox " + spec.id(), e);
        }
    }

    /** The users of a pod that has its own; none for one that has the node's. */
    public static Option<UserMappings> users(SandboxSpec spec) throws DriverException {
        return UserMappings.of(spec.config()).getOrElseThrow(problem -> Failures.invalid("%s", problem.message()));
    }

    private void requireUserNamespaces(SandboxSpec spec) throws DriverException {
        boolean runtimeCan = runtimes.features(spec.runtimeHandler()).userNamespaces();
        if (!runtimeCan || !node.facts().userNamespaces()) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "Expected user namespaces for pod sandbox %s, but %s has none", spec.id(), runtimeCan
                    ? "this node (user.max_user_namespaces, /proc/self/ns/user)"
                    : "the OCI runtime " + runtimes.require(spec.runtimeHandler()));
        }
    }

    /** The OCI runtime looks for a root file system as the pod's users already, to whom root's own directories are closed. */
    private void requirePassage(String id) throws IOException, DriverException {
        for (Path dir = layout.run().toAbsolutePath(); dir != null; dir = dir.getParent()) {
            if (!Files.getPosixFilePermissions(dir).contains(PosixFilePermission.OTHERS_EXECUTE)) {
                throw Failures.failed("Cannot prepare pod sandbox %s with a user namespace of its own: its users must come to their root file "
                        + "systems below %s, but %s lets nobody pass: chmod o+x %s, or set run_dir", id, layout.run(), dir, dir);
            }
        }
    }

    /** As the kubelet wants it before the first container of a pod. */
    public static void makeLogDirectory(PodSandboxConfig config) throws IOException, DriverException {
        if (!config.getLogDirectory().isEmpty()) {
            // Other tools read the logs as another user: the usual 0755.
            Files.createDirectories(Requests.path(config.getLogDirectory(), "log_directory"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
    }

    private void pin(SandboxSpec spec, SandboxRecord record, Option<UserMappings> users) throws DriverException {
        // A pod on the node's network keeps the node's name (CRI: UTS goes with the network).
        Option<String> hostname = Option.when(record.net(), spec.config().getHostname()).filter(h -> !h.isEmpty());
        try {
            pins.pin(layout.namespaces().resolve(spec.id()), new NamespaceRequest(record.net(), record.ipc(), record.net(),
                    users.map(Sandboxes::mapping), hostname, HashMap.ofAll(spec.config().getLinux().getSysctlsMap())));
        } catch (NetworkException e) {
            throw failure("Cannot prepare pod sandbox " + spec.id(), e);
        }
    }

    private static UserMapping mapping(UserMappings users) {
        return new UserMapping(List.of(mapping(users.uids())), List.of(mapping(users.gids())));
    }

    private static IdMapping mapping(OciSpec.IdMapping ids) {
        return new IdMapping(ids.containerId(), ids.hostId(), ids.size());
    }

    private static DriverException failure(String tried, NetworkException e) {
        boolean invalid = e.kind() == NetworkException.Kind.INVALID_REQUEST;
        return new DriverException(invalid ? Failure.Kind.INVALID : Failure.Kind.FAILED, tried + ": " + e.getMessage(), e);
    }

    private Path shm(String id) {
        return layout.sandboxRun(id).resolve("shm");
    }

    private void mountShm(String id, Option<UserMappings> users) throws IOException {
        Path shm = FileTrees.directory(shm(id));
        String owner = users.map(u -> ",uid=%d,gid=%d".formatted(u.uids().hostId(), u.gids().hostId())).getOrElse("");
        if (!Mounts.isMountPoint(shm)) {
            Mounts.mount("shm", shm, "tmpfs", SHM_FLAGS, SHM_OPTIONS + owner);
        }
    }

    private SandboxGround ground(SandboxRecord record) {
        return new SandboxGround(Option.when(record.net(), layout.namespaces().resolve(record.id()).resolve("net")));
    }

    /** @see io.cairn.core.driver.Driver#probeSandbox */
    public SandboxProbe probe(String id) throws DriverException {
        Requests.id(id);
        try {
            Option<SandboxRecord> record = SandboxRecord.read(layout.sandbox(id).resolve("sandbox.json"));
            if (record.isEmpty()) {
                boolean something = Files.exists(layout.sandbox(id)) || Files.exists(layout.sandboxRun(id))
                        || Files.exists(layout.namespaces().resolve(id));
                return something ? new SandboxProbe.Partial("sandbox.json is missing") : new SandboxProbe.Absent();
            }
            Option<String> missing = missing(record.get());
            return missing.isDefined() ? new SandboxProbe.Partial(missing.get()) : new SandboxProbe.Whole(ground(record.get()));
        } catch (IOException e) {
            throw Failures.io("Cannot look at pod sandbox " + id, e);
        }
    }

    private Option<String> missing(SandboxRecord record) throws IOException, DriverException {
        Path namespaces = layout.namespaces().resolve(record.id());
        try {
            if (record.net() && !(pins.isPinned(namespaces.resolve("net")) && pins.isPinned(namespaces.resolve("uts")))) {
                return Option.some("its network or UTS namespace is gone");
            }
            if (record.ipc() && !pins.isPinned(namespaces.resolve("ipc"))) {
                return Option.some("its IPC namespace is gone");
            }
            if (record.user() && !pins.isPinned(namespaces.resolve("user"))) {
                return Option.some("its user namespace is gone");
            }
        } catch (NetworkException e) {
            throw failure("Cannot look at pod sandbox " + record.id(), e);
        }
        if (record.ipc() && !Mounts.isMountPoint(shm(record.id()))) {
            return Option.some("its shared memory is not mounted");
        }
        if (record.pid() && inits.find(record.id()).isEmpty()) {
            return Option.some("its init process is gone");
        }
        return Files.exists(layout.sandbox(record.id()).resolve("hosts")) ? Option.none() : Option.some("its files are missing");
    }

    /** What containers of the pod are given to see; files that are not there are left out. */
    PodFiles files(SandboxSpec spec) {
        Path state = layout.sandbox(spec.id());
        return new PodFiles(existing(state.resolve("resolv.conf")), existing(state.resolve("hostname")), existing(state.resolve("hosts")),
                Option.when(SandboxRecord.of(spec).ipc(), shm(spec.id())));
    }

    private static Option<Path> existing(Path file) {
        return Option.some(file).filter(Files::exists);
    }

    /** Where containers of the pod join. */
    io.cairn.oci.PodNamespaces namespaces(SandboxSpec spec) throws DriverException {
        SandboxProbe probe = probe(spec.id());
        if (!(probe instanceof SandboxProbe.Whole)) {
            throw Failures.failed("Pod sandbox %s cannot take containers: %s", spec.id(), probe);
        }
        try {
            return inits.namespaces(spec, inits.find(spec.id()));
        } catch (IOException e) {
            throw Failures.io("Cannot look at pod sandbox " + spec.id(), e);
        }
    }

    /** @see io.cairn.core.driver.Driver#releaseSandbox */
    public void release(String id) throws DriverException {
        Requests.id(id);
        try {
            String handler = SandboxRecord.read(layout.sandbox(id).resolve("sandbox.json")).map(SandboxRecord::handler).getOrElse("");
            inits.end(id, handler);
            pins.unpin(layout.namespaces().resolve(id));
            while (Mounts.unmount(shm(id))) {
                // A crash may have stacked mounts: take them all.
            }
            FileTrees.delete(layout.sandboxRun(id));
        } catch (IOException e) {
            throw Failures.io("Cannot release pod sandbox " + id, e);
        } catch (NetworkException e) {
            throw failure("Cannot release pod sandbox " + id, e);
        }
    }

    /** @see io.cairn.core.driver.Driver#removeSandbox */
    public void remove(String id) throws DriverException {
        release(id);
        try {
            FileTrees.delete(layout.sandbox(id));
        } catch (IOException e) {
            throw Failures.io("Cannot remove pod sandbox " + id, e);
        }
    }
}
