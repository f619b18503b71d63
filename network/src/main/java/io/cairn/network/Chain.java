package io.cairn.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.network.NetworkException.Kind;
import io.cairn.network.NetworkList.Plugin;
import io.cairn.network.PluginRunner.Call;
import io.vavr.collection.HashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.collection.Set;
import io.vavr.control.Option;
import java.nio.file.Path;
import java.time.Duration;

/** The plugins of a network, one run at a time: derives each request from the configuration (CNI spec, section 3). */
final class Chain {
    static final String INTERFACE = "eth0";
    private static final String PRIVATE_PREFIX = "cni.dev/";

    private final PluginRunner runner;
    private final Duration pluginTimeout;
    private final Duration statusTimeout;

    Chain(PluginRunner runner, Duration pluginTimeout, Duration statusTimeout) {
        this.runner = runner;
        this.pluginTimeout = pluginTimeout;
        this.statusTimeout = statusTimeout;
    }

    /** @return the plugin's result, in the version of the network */
    ObjectNode add(AttachmentRecord record, Plugin plugin) throws NetworkException {
        byte[] answer = run("ADD", record, plugin, record.netns(), record.result());
        return Json.parseObject(answer)
                .flatMap(json -> CniResult.normalize(json, record.version()))
                .flatMap(json -> CniResult.parse(record.network().name(), json).map(readable -> json))
                .getOrElseThrow(reason -> new NetworkException(Kind.BAD_RESULT,
                        "Expected a result from ADD of plugin %s (network %s), but: %s"
                                .formatted(plugin.type(), record.network().name(), reason)));
    }

    /** @param netns empty where the namespace is gone */
    void delete(AttachmentRecord record, Plugin plugin, String netns) throws NetworkException {
        // Before 0.4.0 DEL had no previous result, and a plugin may refuse keys it does not know.
        run("DEL", record, plugin, netns, record.result().filter(r -> record.version().atLeast(CniVersion.V0_4_0)));
    }

    void check(AttachmentRecord record, Plugin plugin) throws NetworkException {
        run("CHECK", record, plugin, record.netns(), record.result());
    }

    void status(NetworkList network, Plugin plugin) throws NetworkException {
        run(network, plugin, "STATUS", HashMap.empty(), request(network, plugin), statusTimeout);
    }

    void gc(NetworkList network, Plugin plugin, Set<String> validSandboxIds) throws NetworkException {
        ObjectNode request = request(network, plugin);
        // libcni sends both: the spec had one name, the first plugins knew the other (containernetworking/cni#1101).
        for (String key : List.of(PRIVATE_PREFIX + "valid-attachments", PRIVATE_PREFIX + "attachments")) {
            var array = request.putArray(key);
            validSandboxIds.forEach(id -> array.addObject().put("containerID", id).put("ifname", INTERFACE));
        }
        run(network, plugin, "GC", HashMap.empty(), request, pluginTimeout);
    }

    private byte[] run(String command, AttachmentRecord record, Plugin plugin, String netns, Option<ObjectNode> previous)
            throws NetworkException {
        ObjectNode request = request(record.network(), plugin);
        ObjectNode runtimeConfig = record.capabilityArgs().deepCopy().retain(plugin.capabilities().toJavaSet());
        if (!runtimeConfig.isEmpty()) {
            request.set("runtimeConfig", runtimeConfig);
        }
        previous.forEach(result -> request.set("prevResult", result));
        Map<String, String> variables = HashMap.of(
                "CNI_CONTAINERID", record.sandboxId(), "CNI_NETNS", netns, "CNI_IFNAME", INTERFACE, "CNI_ARGS", record.cniArgs());
        return run(record.network(), plugin, command, variables, request, pluginTimeout);
    }

    private byte[] run(NetworkList network, Plugin plugin, String command, Map<String, String> variables, ObjectNode request,
            Duration deadline) throws NetworkException {
        Path binary = runner.require(network.name(), plugin.type());
        return runner.run(new Call(network.name(), plugin.type(), binary, command, variables, Json.bytes(request), deadline));
    }

    /** The plugin's own keys, less those that are reserved for the runtime, with the network's name and version. */
    private static ObjectNode request(NetworkList network, Plugin plugin) {
        ObjectNode request = plugin.json().deepCopy();
        request.remove(List.of("capabilities", "prevResult").asJava());
        request.remove(List.ofAll(request::fieldNames).filter(k -> k.startsWith(PRIVATE_PREFIX)).asJava());
        return request.put("name", network.name()).put("cniVersion", network.highestVersion().text());
    }
}
