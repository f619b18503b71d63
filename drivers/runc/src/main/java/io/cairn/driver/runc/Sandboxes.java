package io.cairn.driver.runc;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxGround;
import io.cairn.core.driver.SandboxProbe;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.linux.Mounts;
import io.cairn.network.NamespaceRequest;
import io.cairn.network.NetworkException;
import io.cairn.oci.PodFiles;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * The ground of pods: pinned namespaces, files, shared memory and, where the containers share their processes, an init. No process
 * holds an ordinary pod.
 */
record Sandboxes(Layout layout, PodInits inits, PodFilesWriter writer, io.cairn.network.PodNamespaces pins) {
    private static final long SHM_FLAGS = Mounts.MS_NOSUID | Mounts.MS_NODEV | Mounts.MS_NOEXEC;
    private static final String SHM_OPTIONS = "mode=1777,size=65536k";

    SandboxGround prepare(SandboxSpec spec) throws DriverException {
        Layout.checked(spec.id());
        var record = SandboxRecord.of(spec);
        refuseUserNamespace(spec.config());
        try {
            makeLogDirectory(spec.config());
            Path state = FileTrees.directory(layout.sandbox(spec.id()));
            // Not synced: no pod outlives a loss of power.
            FileTrees.write(state.resolve("sandbox.json"), record.toJson());
            writer.write(spec.config(), state);
            pin(spec, record);
            if (record.ipc()) {
                mountShm(spec.id());
            }
            if (record.pid()) {
                inits.start(spec);
            }
            return ground(record);
        } catch (IOException e) {
            throw Failures.io("Cannot prepare pod sandbox " + spec.id(), e);
        }
    }

    private static void refuseUserNamespace(PodSandboxConfig config) throws DriverException {
        var options = config.getLinux().getSecurityContext().getNamespaceOptions();
        if (options.hasUsernsOptions() && options.getUsernsOptions().getMode() != NamespaceMode.NODE) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "The driver runc does not offer user namespaces for pods");
        }
    }

    private static void makeLogDirectory(PodSandboxConfig config) throws IOException, DriverException {
        if (!config.getLogDirectory().isEmpty()) {
            // Other tools read the logs as another user: the usual 0755.
            Files.createDirectories(ContainerCreation.path(config.getLogDirectory(), "log_directory"),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        }
    }

    private void pin(SandboxSpec spec, SandboxRecord record) throws DriverException {
        // A pod on the node's network keeps the node's name (CRI: UTS goes with the network).
        Option<String> hostname = Option.when(record.net(), spec.config().getHostname()).filter(h -> !h.isEmpty());
        try {
            pins.pin(layout.namespaces().resolve(spec.id()), new NamespaceRequest(record.net(), record.ipc(), record.net(), hostname,
                    HashMap.ofAll(spec.config().getLinux().getSysctlsMap())));
        } catch (NetworkException e) {
            throw failure("Cannot prepare pod sandbox " + spec.id(), e);
        }
    }

    private static DriverException failure(String tried, NetworkException e) {
        boolean invalid = e.kind() == NetworkException.Kind.INVALID_REQUEST;
        return new DriverException(invalid ? Failure.Kind.INVALID : Failure.Kind.FAILED, tried + ": " + e.getMessage(), e);
    }

    private Path shm(String id) {
        return layout.sandboxRun(id).resolve("shm");
    }

    private void mountShm(String id) throws IOException {
        Path shm = FileTrees.directory(shm(id));
        if (!Mounts.isMountPoint(shm)) {
            Mounts.mount("shm", shm, "tmpfs", SHM_FLAGS, SHM_OPTIONS);
        }
    }

    private SandboxGround ground(SandboxRecord record) {
        return new SandboxGround(Option.when(record.net(), layout.namespaces().resolve(record.id()).resolve("net")));
    }

    SandboxProbe probe(String id) throws DriverException {
        Layout.checked(id);
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

    void release(String id) throws DriverException {
        Layout.checked(id);
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

    void remove(String id) throws DriverException {
        release(id);
        try {
            FileTrees.delete(layout.sandbox(id));
        } catch (IOException e) {
            throw Failures.io("Cannot remove pod sandbox " + id, e);
        }
    }
}
