package io.cairn.driver.docker;

import com.github.dockerjava.api.model.HostConfig;
import io.cairn.core.driver.ContainerSpec;
import io.cairn.oci.OciSpec;
import io.cairn.proto.cri.NamespaceMode;

/**
 * Where a container belongs, in the engine's words. It joins the namespaces of the container that holds the pod's. The engine cannot have it
 * join a UTS namespace: it gets one of its own with the pod's hostname.
 */
record EngineNamespaces(ContainerSpec asked, OciSpec spec) {
    private static final String HOST = "host";

    HostConfig put(HostConfig host) {
        String ofPod = "container:" + asked.sandbox().id();
        boolean hostNetwork = !has("network");
        return host.withNetworkMode(hostNetwork ? HOST : ofPod).withUtSMode(hostNetwork ? HOST : "")
                .withIpcMode(has("ipc") ? ofPod : HOST).withPidMode(pid(ofPod)).withUsernsMode(HOST)
                .withCgroupnsMode(has("cgroup") ? "private" : HOST);
    }

    private boolean has(String type) {
        return spec.linux().namespaces().exists(n -> n.type().equals(type));
    }

    private String pid(String ofPod) {
        boolean joined = spec.linux().namespaces().exists(n -> n.type().equals("pid") && n.path().isDefined());
        var own = asked.config().getLinux().getSecurityContext().getNamespaceOptions();
        if (joined) {
            return own.getPid() == NamespaceMode.TARGET ? "container:" + own.getTargetId() : ofPod;
        }
        return has("pid") ? "" : HOST;
    }
}
