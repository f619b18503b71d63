package io.cairn.driver.docker;

import com.github.dockerjava.api.model.Capability;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.LogConfig.LoggingType;
import com.github.dockerjava.api.model.RestartPolicy;
import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.driver.docker.engine.NewContainer;
import io.cairn.driver.host.Failures;
import io.cairn.driver.host.SandboxRecord;
import io.cairn.oci.InitSpec;
import io.cairn.oci.OciSpec;
import io.cairn.oci.PodNamespaces;
import io.cairn.proto.journal.Failure;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import java.nio.file.Path;

/**
 * What the engine is asked for to hold a pod's namespaces: a program that only waits, without capabilities, without output, with a root that
 * cannot be written to. It is process 1 of pods whose containers share their processes.
 *
 * @param cgroupParent what the engine puts it below
 */
record PauseContainer(NewContainer request, String cgroupParent) {
    /** The program does not hear SIGTERM, for which an engine that ends its containers would wait. */
    private static final String STOP_SIGNAL = "SIGKILL";

    static PauseContainer of(Backend backend, SandboxSpec spec) throws DriverException {
        if (SandboxRecord.of(spec).user()) {
            throw Failures.of(Failure.Kind.UNSUPPORTED, "Cannot prepare pod sandbox %s with a user namespace of its own: docker %s cannot give one to "
                    + "a single pod", spec.id(), backend.facts().get().version());
        }
        var image = backend.pause().id();
        OciSpec init = init(backend, spec);
        String cgroupParent = EngineCgroups.parent(init.linux().cgroupsPath().get());
        HostConfig host = hostConfig(spec, init).withCgroupParent(cgroupParent);
        backend.runtimes().of(spec.runtimeHandler()).forEach(host::withRuntime);
        // A pod on the node's network keeps the node's name (CRI: UTS goes with the network).
        String hostname = spec.config().getHostname().isEmpty() ? backend.node().facts().hostname() : spec.config().getHostname();
        return new PauseContainer(new NewContainer(spec.id(), image, command -> {
            command.withLabels(labels(backend, spec).toJavaMap()).withStopSignal(STOP_SIGNAL).withHostConfig(host)
                    .withHealthcheck(new HealthCheck().withTest(java.util.List.of("NONE")));
            // For what the engine keeps of a network, be it "none", a start before engine 28 runs the engine's whole program once more, as a hook.
            return SandboxRecord.of(spec).net() ? command.withHostName(hostname).withNetworkDisabled(!backend.engineStats()) : command;
        }, HashMap.empty()), cgroupParent);
    }

    private static Map<String, String> labels(Backend backend, SandboxSpec spec) {
        var pod = spec.config().getMetadata();
        return backend.owned().labels(Labels.POD).merge(HashMap.of(Labels.POD_NAME, pod.getName(), Labels.POD_NAMESPACE, pod.getNamespace(),
                Labels.POD_UID, pod.getUid()));
    }

    /** The same cgroup parent and the same confinement as the init of a pod on other drivers. */
    private static OciSpec init(Backend backend, SandboxSpec spec) throws DriverException {
        return new InitSpec(spec.id(), spec.config(), List.of("/init"), Path.of("/"), PodNamespaces.none(), backend.facts().cgroups(),
                backend.node().facts()).build().getOrElseThrow(problem ->
                        Failures.invalid("Cannot prepare pod sandbox %s: %s", spec.id(), problem.message())).spec();
    }

    private static HostConfig hostConfig(SandboxSpec spec, OciSpec init) {
        var record = SandboxRecord.of(spec);
        return new HostConfig()
                .withNetworkMode(record.net() ? "none" : "host").withUtSMode(record.net() ? "" : "host").withUsernsMode("host")
                .withIpcMode(record.ipc() ? "shareable" : "host")
                .withSysctls(spec.config().getLinux().getSysctlsMap())
                .withCapDrop(Capability.ALL).withSecurityOpts(Confinement.of(init, Confinement.Seccomp.ENGINES).toJavaList())
                .withReadonlyRootfs(true).withOomScoreAdj(init.process().get().oomScoreAdj().get())
                .withLogConfig(new LogConfig(LoggingType.NONE)).withRestartPolicy(RestartPolicy.noRestart()).withAutoRemove(false).withInit(false);
    }
}
