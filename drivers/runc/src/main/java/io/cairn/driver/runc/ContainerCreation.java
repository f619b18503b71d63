package io.cairn.driver.runc;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.runc.Layout.ContainerFiles;
import io.cairn.oci.BuiltSpec;
import io.cairn.oci.PodFiles;
import io.cairn.oci.PodNamespaces;
import io.cairn.oci.SpecBuilder;
import io.cairn.oci.SpecProblem;
import io.cairn.oci.SpecRequest;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.Mount;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.cri.SecurityProfile;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Makes a container ready to start: root file system, OCI spec, files. Its record is written last and says that all is there. */
record ContainerCreation(Backend backend, Sandboxes sandboxes) {
    private static final int SECCOMP_BYTES_MAX = 1 << 20;

    CreatedContainer create(ContainerSpec spec) throws DriverException {
        ContainerFiles files = backend.layout().container(Layout.checked(spec.id()));
        try {
            Option<ContainerRecord> known = ContainerRecord.read(files.record());
            if (known.isDefined()) {
                return known.get().toAnswer();
            }
            // What a creation that was cut short has left is not trusted.
            new ContainerRemoval(backend).remove(spec.id());
            try {
                return make(spec, files);
            } catch (DriverException | IOException e) {
                undo(spec.id(), e);
                throw e;
            }
        } catch (IOException e) {
            throw Failures.io("Cannot create container " + spec.id(), e);
        }
    }

    private void undo(String id, Exception cause) {
        try {
            new ContainerRemoval(backend).remove(id);
        } catch (DriverException e) {
            cause.addSuppressed(e);
        }
    }

    private CreatedContainer make(ContainerSpec spec, ContainerFiles files) throws IOException, DriverException {
        OciRuntime runtime = backend.runtimes().of(spec.sandbox().runtimeHandler());
        Option<Path> log = logFile(spec);
        FileTrees.directory(files.state());
        FileTrees.directory(files.rootfs());
        backend.roots().prepare(spec.id(), spec.imageId());
        backend.roots().mount(spec.id(), files.rootfs());
        makeMountSources(spec.config());
        BuiltSpec built = build(spec, files, runtime);
        FileTrees.write(files.spec(), built.spec().toJson());
        var record = new ContainerRecord(spec.id(), spec.sandbox().id(), spec.imageId(), spec.sandbox().runtimeHandler(),
                built.spec().linux().cgroupsPath().getOrElse(""), log, spec.config().getTty(), spec.config().getStdin(),
                spec.config().getStdinOnce(), built.user(), built.clamps().map(ContainerRecord::words).toVector());
        // Not synced: after power loss the pod is gone, and with it the only place where this container could run.
        FileTrees.write(files.record(), record.toJson());
        return record.toAnswer();
    }

    private BuiltSpec build(ContainerSpec spec, ContainerFiles files, OciRuntime runtime) throws DriverException, IOException {
        PodFiles podFiles = sandboxes.files(spec.sandbox());
        SpecRequest request = SpecRequest.of(spec.id(), spec.sandbox().id(), spec.config(), spec.sandbox().config(),
                        backend.roots().config(spec.imageId()), files.rootfs(), namespaces(spec),
                        runtime.systemdCgroup() ? io.cairn.oci.CgroupDriver.SYSTEMD : io.cairn.oci.CgroupDriver.CGROUPFS, backend.host())
                .withPodFiles(podFiles).withUsers(backend.roots().users(files.rootfs())).withHostDevices(backend.devices());
        SecurityProfile seccomp = spec.config().getLinux().getSecurityContext().getSeccomp();
        if (seccomp.getProfileType() == SecurityProfile.ProfileType.Localhost) {
            request = request.withSeccompProfile(localProfile(seccomp.getLocalhostRef()));
        }
        Either<SpecProblem, BuiltSpec> built = SpecBuilder.build(request);
        return built.getOrElseThrow(problem -> Failures.of(kind(problem), "Cannot create container %s: %s", spec.id(), problem.message()));
    }

    private static Failure.Kind kind(SpecProblem problem) {
        return switch (problem) {
            case SpecProblem.InvalidRequest _ -> Failure.Kind.INVALID;
            case SpecProblem.InvalidImage _ -> Failure.Kind.FAILED;
            case SpecProblem.HostLacks _ -> Failure.Kind.UNSUPPORTED;
        };
    }

    private PodNamespaces namespaces(ContainerSpec spec) throws DriverException, IOException {
        NamespaceOption own = spec.config().getLinux().getSecurityContext().getNamespaceOptions();
        PodNamespaces pods = sandboxes.namespaces(spec.sandbox());
        if (own.getPid() != NamespaceMode.TARGET) {
            return pods;
        }
        ContainerFiles target = backend.layout().container(Layout.checked(own.getTargetId()));
        Option<ProcessRef> process = StartRecord.read(target.started()).map(StartRecord::process);
        if (process.isEmpty() || !process.get().isAlive()) {
            throw Failures.of(Failure.Kind.INVALID, "Cannot create container %s: its target %s does not run", spec.id(), own.getTargetId());
        }
        return pods.withTargetPid(Path.of("/proc", Long.toString(process.get().pid()), "ns", "pid"));
    }

    /** As other runtimes do, since the kubelet's hostPath without a type may name what is not there yet. */
    private static void makeMountSources(ContainerConfig config) throws IOException, DriverException {
        for (Mount mount : config.getMountsList()) {
            if (mount.hasImage() && !mount.getImage().getImage().isEmpty()) {
                throw Failures.of(Failure.Kind.UNSUPPORTED, "The driver runc does not mount images as volumes, as asked for %s",
                        mount.getContainerPath());
            }
            Path source = path(mount.getHostPath(), "host_path of the mount at " + mount.getContainerPath());
            if (source.isAbsolute() && Files.notExists(source)) {
                Files.createDirectories(source);
            }
        }
    }

    private static Option<Path> logFile(ContainerSpec spec) throws IOException, DriverException {
        String directory = spec.sandbox().config().getLogDirectory();
        String name = spec.config().getLogPath();
        if (directory.isEmpty() || name.isEmpty()) {
            return Option.none();
        }
        Path dir = path(directory, "log_directory");
        Path file = dir.resolve(path(name, "log_path")).normalize();
        if (!dir.isAbsolute() || !file.startsWith(dir.normalize()) || file.toString().indexOf(':') >= 0) {
            throw Failures.invalid("Expected log_directory to be absolute, log_path to lie in it, and no ':' in either "
                    + "(conmon cannot take it), but they are \"%.300s\" and \"%.300s\"", directory, name);
        }
        Files.createDirectories(file.getParent());
        // conmon would write through it, to wherever a pod that can write to the log directory wants.
        if (Files.isSymbolicLink(file)) {
            throw Failures.invalid("Expected the log %s to be a file or not to be there, but it is a symbolic link", file);
        }
        return Option.some(file);
    }

    private static byte[] localProfile(String reference) throws IOException, DriverException {
        Path file = path(reference, "localhost_ref of the seccomp profile");
        try (var in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(SECCOMP_BYTES_MAX + 1);
            if (bytes.length > SECCOMP_BYTES_MAX) {
                throw Failures.invalid("Expected the seccomp profile %s to have at most %d bytes, but it has more", file,
                        SECCOMP_BYTES_MAX);
            }
            return bytes;
        } catch (IOException e) {
            throw Failures.io("Cannot read the seccomp profile " + file, e);
        }
    }

    static Path path(String text, String field) throws DriverException {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw Failures.invalid("Expected %s to be a path, but it is \"%.300s\": %s", field, text, e.getReason());
        }
    }
}
