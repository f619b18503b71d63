package io.cairn.core.cri;

import io.cairn.core.decide.Command;
import io.cairn.core.driver.Driver;
import io.cairn.core.effect.Drivers;
import io.cairn.core.effect.PodNetworks;
import io.cairn.core.effect.SandboxOperations;
import io.cairn.proto.cri.PodSandboxConfig;
import io.cairn.proto.cri.RunPodSandboxRequest;
import io.cairn.proto.cri.RunPodSandboxResponse;

/** CRI RunPodSandbox: makes and starts a pod; ready when it returns. The same request again returns the same pod. */
final class RunPodSandbox implements Verb<RunPodSandboxRequest, RunPodSandboxResponse> {
    private final SandboxOperations sandboxes;
    private final Drivers drivers;

    RunPodSandbox(SandboxOperations sandboxes, Drivers drivers) {
        this.sandboxes = sandboxes;
        this.drivers = drivers;
    }

    @Override
    public RunPodSandboxResponse serve(RunPodSandboxRequest request, Call call) {
        PodSandboxConfig config = request.getConfig();
        check(request, config);
        call.about(config.getMetadata().getNamespace() + "/" + config.getMetadata().getName());
        Driver driver = call.accept(drivers.forHandler(request.getRuntimeHandler()));
        String id = call.unwrap(sandboxes.run(
                new Command.RunSandbox(NewId.next(), config, request.getRuntimeHandler(), driver.name()), call.origin()));
        return RunPodSandboxResponse.newBuilder().setPodSandboxId(call.about(id)).build();
    }

    private static void check(RunPodSandboxRequest request, PodSandboxConfig config) {
        if (!request.hasConfig() || !config.hasMetadata()) {
            throw Call.invalid("config.metadata: expected name, namespace and uid of the pod, but it is missing");
        }
        Valid.name("config.metadata.name", config.getMetadata().getName());
        Valid.name("config.metadata.namespace", config.getMetadata().getNamespace());
        Valid.name("config.metadata.uid", config.getMetadata().getUid());
        Valid.hostname("config.hostname", config.getHostname());
        if (!config.getLogDirectory().isEmpty()) {
            Valid.absolutePath("config.log_directory", config.getLogDirectory());
        }
        Valid.cgroup("config.linux.cgroup_parent", config.getLinux().getCgroupParent());
        config.getPortMappingsList().forEach(port -> {
            Valid.port("config.port_mappings.container_port", port.getContainerPort());
            Valid.port("config.port_mappings.host_port", port.getHostPort());
        });
        PodNetworks.bandwidth(config).getOrElseThrow(reason -> Call.invalid("%s", reason));
    }
}
