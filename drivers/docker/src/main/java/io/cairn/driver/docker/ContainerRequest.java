package io.cairn.driver.docker;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.github.dockerjava.api.model.HealthCheck;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.LogConfig.LoggingType;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Ulimit;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.docker.engine.NewContainer;
import io.cairn.driver.host.FileTrees;
import io.cairn.oci.OciSpec;
import io.cairn.proto.cri.ContainerConfig;
import io.cairn.proto.cri.LinuxContainerSecurityContext;
import io.vavr.collection.HashMap;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;

/**
 * What the engine is asked for in place of an OCI spec. {@link Refusals} has let the spec pass: all that is in it has a word here.
 *
 * @param spec as the other drivers give it to an OCI runtime
 */
record ContainerRequest(Backend backend, ContainerSpec asked, OciSpec spec, Privileges privileges, ArrayNode mounts, List<EngineDevice> devices) {
    NewContainer build() throws DriverException {
        HostConfig host = hostConfig();
        EngineLimits.put(spec.linux().resources(), host);
        backend.runtimes().of(asked.sandbox().runtimeHandler()).forEach(host::withRuntime);
        OciSpec.Process process = spec.process().get();
        ContainerConfig config = asked.config();
        return new NewContainer(asked.id(), asked.imageId(), command -> command.withLabels(labels().toJavaMap())
                .withEntrypoint(process.args().toJavaList()).withCmd(List.<String>empty().toJavaList()).withEnv(process.env().toJavaList())
                .withWorkingDir(process.cwd()).withUser(process.user().uid() + ":" + process.user().gid())
                .withTty(process.terminal()).withStdinOpen(config.getStdin()).withStdInOnce(config.getStdinOnce())
                // The kubelet looks after a container's health.
                .withHealthcheck(new HealthCheck().withTest(java.util.List.of("NONE"))).withHostConfig(host), members());
    }

    private HostConfig hostConfig() {
        OciSpec.Process process = spec.process().get();
        boolean wantsLog = !asked.config().getLogPath().isEmpty() && !asked.sandbox().config().getLogDirectory().isEmpty();
        return new EngineNamespaces(asked, spec).put(new HostConfig())
                .withCgroupParent(EngineCgroups.parent(spec.linux().cgroupsPath().get()))
                .withGroupAdd(process.user().additionalGids().map(gid -> Long.toString(gid)).toJavaList())
                .withPrivileged(privileges.all()).withReadonlyRootfs(spec.root().readonly())
                .withSecurityOpts(Confinement.of(spec, Confinement.seccomp(context())).toJavaList()).withOomScoreAdj(process.oomScoreAdj().get())
                .withUlimits(process.rlimits().map(ContainerRequest::ulimit).toJavaList())
                .withDevices(devices.map(EngineDevice::toModel).toJavaList())
                .withLogConfig(new LogConfig(wantsLog ? LoggingType.JSON_FILE : LoggingType.NONE))
                .withRestartPolicy(RestartPolicy.noRestart()).withAutoRemove(false).withInit(false);
    }

    private LinuxContainerSecurityContext context() {
        return asked.config().getLinux().getSecurityContext();
    }

    private static Ulimit ulimit(OciSpec.Rlimit limit) {
        return new Ulimit(limit.type().replace("RLIMIT_", "").toLowerCase(java.util.Locale.ROOT), limit.soft(), limit.hard());
    }

    private Map<String, String> labels() {
        var pod = asked.sandbox().config().getMetadata();
        return backend.owned().labels(Labels.CONTAINER).merge(HashMap.of(Labels.SANDBOX, asked.sandbox().id(),
                Labels.CONTAINER_NAME, asked.config().getMetadata().getName(), Labels.POD_NAME, pod.getName(),
                Labels.POD_NAMESPACE, pod.getNamespace(), Labels.POD_UID, pod.getUid()));
    }

    /** What docker-java has no word for, or fewer than the engine. */
    private Map<String, JsonNode> members() {
        Map<String, JsonNode> members = LinkedHashMap.of("Mounts", mounts,
                "MaskedPaths", texts(spec.linux().maskedPaths()), "ReadonlyPaths", texts(spec.linux().readonlyPaths()));
        if (privileges.all()) {
            return members;
        }
        Map<String, JsonNode> bounded = members.put("CapDrop", texts(List.of("ALL"))).put("CapAdd", texts(privileges.capabilities()));
        return context().getPrivileged() ? bounded.put("DeviceCgroupRules", texts(List.of("a *:* rwm"))) : bounded;
    }

    private static JsonNode texts(List<String> texts) {
        ArrayNode array = FileTrees.JSON.createArrayNode();
        texts.forEach(array::add);
        return array;
    }
}
