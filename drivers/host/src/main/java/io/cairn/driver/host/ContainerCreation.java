package io.cairn.driver.host;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.DriverException;
import io.cairn.oci.BuiltSpec;
import io.cairn.oci.HostFacts;
import io.cairn.oci.PodNamespaces;
import io.cairn.oci.SpecBuilder;
import io.cairn.oci.SpecProblem;
import io.cairn.oci.SpecRequest;
import io.cairn.oci.UserMappings;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.cairn.proto.journal.Failure;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes a container ready to start: root file system, OCI spec, files. Its record is written last and says that all is there; the backend
 * need not have heard of it yet.
 *
 * @param remover takes away what a creation has left that was cut short or has failed
 */
public record ContainerCreation(
        Layout layout, Node node, OciRuntimes runtimes, RootFilesystems roots, Sandboxes sandboxes, ContainerRemover remover) {
    public CreatedContainer create(ContainerSpec spec) throws DriverException {
        return new Creation(layout, remover).create(spec, files -> make(spec, files));
    }

    private CreatedContainer make(ContainerSpec spec, ContainerFiles files) throws IOException, DriverException {
        runtimes.require(spec.sandbox().runtimeHandler());
        Option<Path> log = LogFile.of(spec);
        FileTrees.directory(files.state());
        FileTrees.directory(files.rootfs());
        Option<UserMappings> users = Sandboxes.users(spec.sandbox());
        Option<Path> userNamespace = users.map(u -> layout.userNamespace(spec.sandbox().id()));
        if (users.isDefined()) {
            FileTrees.letPass(files.run(), users.get().gids().hostId());
        }
        roots.prepareMounted(spec.id(), spec.imageId(), users, files.rootfs(), userNamespace);
        MountSources.make(spec.config());
        ContainerConfig mounted = new Volumes(layout, roots).mount(spec, users, userNamespace);
        BuiltSpec built = build(new ContainerSpec(spec.id(), spec.sandbox(), mounted, spec.imageId()), files);
        VolumeLabels.apply(spec.config(), built.spec().linux().mountLabel());
        FileTrees.write(files.spec(), built.spec().toJson());
        var record = new ContainerRecord(spec.id(), spec.sandbox().id(), spec.imageId(), spec.sandbox().runtimeHandler(),
                built.spec().linux().cgroupsPath().getOrElse(""), log, spec.config().getTty(), spec.config().getStdin(),
                spec.config().getStdinOnce(), built.user(), built.clamps().map(ContainerRecord::words).toVector());
        // Not synced: after power loss the pod is gone, and with it the only place where this container could run.
        FileTrees.write(files.record(), record.toJson());
        return record.toAnswer();
    }

    private BuiltSpec build(ContainerSpec spec, ContainerFiles files) throws DriverException, IOException {
        SpecRequest request = SpecRequest.of(spec.id(), spec.sandbox().id(), spec.config(), spec.sandbox().config(),
                        roots.config(spec.imageId()), files.rootfs(), namespaces(spec), node.cgroups(), facts(spec))
                .withPodFiles(sandboxes.files(spec.sandbox())).withUsers(ImageUsers.of(files.rootfs())).withHostDevices(node.devices())
                .withCdi(node.cdi());
        for (byte[] profile : SeccompProfiles.local(spec.config())) {
            request = request.withSeccompProfile(profile);
        }
        Either<SpecProblem, BuiltSpec> built = SpecBuilder.build(request);
        return built.getOrElseThrow(problem -> Failures.of(Requests.kind(problem), "Cannot create container %s: %s", spec.id(), problem.message()));
    }

    /** As the OCI runtime of the pod can make use of it. */
    private HostFacts facts(ContainerSpec spec) throws IOException {
        HostFacts now = node.facts().withLoadedProfiles();
        return runtimes.features(spec.sandbox().runtimeHandler()).recursiveReadOnlyMounts() ? now : now.withoutRecursiveReadOnly();
    }

    private PodNamespaces namespaces(ContainerSpec spec) throws DriverException, IOException {
        NamespaceOption own = spec.config().getLinux().getSecurityContext().getNamespaceOptions();
        PodNamespaces pods = sandboxes.namespaces(spec.sandbox());
        if (own.getPid() != NamespaceMode.TARGET) {
            return pods;
        }
        ContainerFiles target = layout.container(Requests.id(own.getTargetId()));
        Option<ProcessRef> process = StartRecord.read(target.started()).map(StartRecord::process);
        if (process.isEmpty() || !process.get().isAlive()) {
            throw Failures.of(Failure.Kind.INVALID, "Cannot create container %s: its target %s does not run", spec.id(), own.getTargetId());
        }
        return pods.withTargetPid(Path.of("/proc", Long.toString(process.get().pid()), "ns", "pid"));
    }
}
