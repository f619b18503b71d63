package io.cairn.driver.docker;

import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.ContainerFiles;
import io.cairn.driver.host.ContainerRecord;
import io.cairn.driver.host.Creation;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.FileTrees;
import io.cairn.driver.host.LogFile;
import io.cairn.driver.host.MountSources;
import io.cairn.driver.host.ProcessRef;
import io.cairn.driver.host.Requests;
import io.cairn.driver.host.SeccompProfiles;
import io.cairn.driver.host.VolumeLabels;
import io.cairn.oci.BuiltSpec;
import io.cairn.oci.HostFacts;
import io.cairn.oci.PodNamespaces;
import io.cairn.oci.SpecBuilder;
import io.cairn.oci.SpecRequest;
import io.cairn.oci.UserDatabase;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Makes a container ready to start: has the engine make it, and puts it on record. What is asked for goes through the same OCI spec as on
 * the other drivers, so that the same is refused, resolved and told, and from there into the engine's words. The spec is kept for people;
 * the engine makes its own.
 */
record ContainerCreate(Backend backend, Pods pods) {
    CreatedContainer create(ContainerSpec spec) throws DriverException {
        new Refusals(backend.facts().get().version(), backend.engine().api()).check(spec);
        return new Creation(backend.layout(), new ContainerRemoval(backend)::remove).create(spec, files -> make(spec, files));
    }

    private CreatedContainer make(ContainerSpec spec, ContainerFiles files) throws IOException, DriverException {
        var refusals = new Refusals(backend.facts().get().version(), backend.engine().api());
        backend.runtimes().of(spec.sandbox().runtimeHandler());
        Option<Path> log = LogFile.at(spec);
        FileTrees.directory(files.state());
        FileTrees.directory(files.run());
        BuiltSpec built = build(spec, backend.users().of(spec.imageId(), spec.id()));
        refusals.check(spec, built.spec());
        var mounts = new EngineMounts(spec.id(), refusals.version(), refusals.api()).of(built.spec());
        Privileges privileges = Privileges.of(spec, built, refusals);
        List<EngineDevice> devices = EngineDevice.of(spec.config(), built.spec(), privileges, what -> refusals.refused(spec, what));
        MountSources.make(spec.config());
        VolumeLabels.apply(spec.config(), built.spec().linux().mountLabel());
        FileTrees.write(files.spec(), built.spec().toJson());
        String engineId = backend.owned().create(new ContainerRequest(backend, spec, built.spec(), privileges, mounts, devices).build());
        String cgroup = EngineCgroups.path(EngineCgroups.parent(built.spec().linux().cgroupsPath().get()), engineId, backend.facts().cgroups());
        var record = new ContainerRecord(spec.id(), spec.sandbox().id(), spec.imageId(), spec.sandbox().runtimeHandler(), cgroup, log,
                spec.config().getTty(), spec.config().getStdin(), spec.config().getStdinOnce(), built.user(),
                built.clamps().map(ContainerRecord::words).toVector().appendAll(refusals.leftOut(built.spec())).appendAll(privileges.told()));
        // Not synced: after power loss the pod is gone, and with it the only place where this container could run.
        FileTrees.write(files.record(), record.toJson());
        return record.toAnswer();
    }

    private BuiltSpec build(ContainerSpec spec, UserDatabase users) throws DriverException, IOException {
        SpecRequest request = SpecRequest.of(spec.id(), spec.sandbox().id(), spec.config(), spec.sandbox().config(),
                        backend.configs().of(spec.imageId()), Path.of("/"), namespaces(spec), backend.facts().cgroups(), facts())
                .withPodFiles(pods.files(spec.sandbox().id())).withUsers(users).withHostDevices(backend.node().devices())
                .withCdi(backend.node().cdi());
        for (byte[] profile : SeccompProfiles.local(spec.config())) {
            request = request.withSeccompProfile(profile);
        }
        return SpecBuilder.build(request).getOrElseThrow(problem ->
                Failures.of(Requests.kind(problem), "Cannot create container %s: %s", spec.id(), problem.message()));
    }

    private HostFacts facts() throws IOException, DriverException {
        HostFacts now = backend.node().facts().withLoadedProfiles();
        return backend.engine().api().isAtLeast(1, 44) ? now : now.withoutRecursiveReadOnly();
    }

    /** Those of the process that holds the pod's; where they are not the pod's own, nobody joins them. */
    private PodNamespaces namespaces(ContainerSpec spec) throws DriverException, IOException {
        Path held = of(pods.require(spec.sandbox()));
        var pods = new PodNamespaces(Option.some(held.resolve("net")), Option.some(held.resolve("ipc")), Option.none(),
                Option.some(held.resolve("pid")), Option.none(), Option.none());
        NamespaceOption own = spec.config().getLinux().getSecurityContext().getNamespaceOptions();
        return own.getPid() == NamespaceMode.TARGET ? pods.withTargetPid(target(spec, own.getTargetId())) : pods;
    }

    private Path target(ContainerSpec spec, String targetId) throws DriverException, IOException {
        Option<ProcessRef> process = Option.none();
        for (EngineState state : backend.owned().find(Requests.id(targetId))) {
            process = state.process();
        }
        return of(process.getOrElseThrow(() ->
                Failures.invalid("Cannot create container %s: its target %s does not run", spec.id(), targetId))).resolve("pid");
    }

    private static Path of(ProcessRef process) {
        return Path.of("/proc", Long.toString(process.pid()), "ns");
    }
}
