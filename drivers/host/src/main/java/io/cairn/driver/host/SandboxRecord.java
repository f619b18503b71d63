package io.cairn.driver.host;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.SandboxSpec;
import io.cairn.proto.cri.NamespaceMode;
import io.cairn.proto.cri.NamespaceOption;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * sandbox.json: what a pod's ground consists of, so that it can be told whole from half and taken away without its maker.
 *
 * @param net the pod has a network namespace of its own, and a UTS namespace with it
 * @param ipc it has an IPC namespace of its own, and shared memory with it
 * @param pid its containers share a PID namespace
 * @param user it has a user namespace of its own
 */
public record SandboxRecord(String id, String handler, boolean net, boolean ipc, boolean pid, boolean user) {
    public static SandboxRecord of(SandboxSpec spec) {
        NamespaceOption options = spec.config().getLinux().getSecurityContext().getNamespaceOptions();
        return new SandboxRecord(spec.id(), spec.runtimeHandler(), options.getNetwork() != NamespaceMode.NODE,
                options.getIpc() != NamespaceMode.NODE, options.getPid() == NamespaceMode.POD,
                options.hasUsernsOptions() && options.getUsernsOptions().getMode() == NamespaceMode.POD);
    }

    /** None when there is none, or half of one. */
    public static Option<SandboxRecord> read(Path file) throws IOException {
        return FileTrees.readObject(file).filter(o -> o.path("version").asInt() == 1).map(o -> new SandboxRecord(o.path("id").asText(),
                o.path("handler").asText(), o.path("net").asBoolean(), o.path("ipc").asBoolean(), o.path("pid").asBoolean(),
                o.path("user").asBoolean()));
    }

    public ObjectNode toJson() {
        return FileTrees.JSON.createObjectNode().put("version", 1).put("id", id).put("handler", handler)
                .put("net", net).put("ipc", ipc).put("pid", pid).put("user", user);
    }
}
