package io.cairn.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.control.Either;
import io.vavr.control.Option;

/**
 * All that is needed to undo or check an attachment, whatever the node's configuration says by then.
 *
 * <pre>
 *   (none) --first plugin is about to run--> ADDING --all plugins ran--> ATTACHED --all plugins deleted--> (none)
 *                                              |                                                             ^
 *                                              +--------------------- all plugins deleted -------------------+
 * </pre>
 *
 * @param netnsIdentity tells the namespace from a later one at the same path, also over a reboot
 * @param result the last result there is: in ADDING that of the last plugin that is known to have finished
 * @param blockedSinceMillis when a detach first failed for want of a plugin's file, in ms since 1970
 */
record AttachmentRecord(
        String sandboxId,
        Phase phase,
        String netns,
        String netnsIdentity,
        String cniArgs,
        NetworkList network,
        ObjectNode capabilityArgs,
        Option<ObjectNode> result,
        Option<Long> blockedSinceMillis) {

    private static final String KIND = "io.cairn.network.attachment/1";

    enum Phase {
        ADDING,
        ATTACHED
    }

    CniVersion version() {
        return network.highestVersion();
    }

    AttachmentRecord withResult(ObjectNode newResult) {
        return new AttachmentRecord(sandboxId, phase, netns, netnsIdentity, cniArgs, network, capabilityArgs, Option.some(newResult),
                blockedSinceMillis);
    }

    AttachmentRecord attached() {
        return new AttachmentRecord(sandboxId, Phase.ATTACHED, netns, netnsIdentity, cniArgs, network, capabilityArgs, result,
                blockedSinceMillis);
    }

    AttachmentRecord blockedSince(long millis) {
        return new AttachmentRecord(sandboxId, phase, netns, netnsIdentity, cniArgs, network, capabilityArgs, result, Option.some(millis));
    }

    byte[] toBytes() {
        ObjectNode json = Json.object()
                .put("kind", KIND)
                .put("sandboxId", sandboxId)
                .put("phase", phase.name())
                .put("netns", netns)
                .put("netnsIdentity", netnsIdentity)
                .put("cniArgs", cniArgs);
        json.set("network", network.toJson());
        json.set("capabilityArgs", capabilityArgs);
        result.forEach(r -> json.set("result", r));
        blockedSinceMillis.forEach(millis -> json.put("blockedSinceMillis", millis));
        return Json.bytes(json);
    }

    static Either<String, AttachmentRecord> parse(ObjectNode json) {
        if (!KIND.equals(json.path("kind").asText())) {
            return Either.left("expected \"kind\" " + KIND + ", but got " + Text.quote(json.path("kind").toString()));
        }
        var phase = Json.text(json, "phase").flatMap(t -> io.vavr.collection.Array.of(Phase.values()).find(p -> p.name().equals(t)));
        if (phase.isEmpty() || !json.path("network").isObject() || !json.path("capabilityArgs").isObject()) {
            return Either.left("expected \"phase\", \"network\" and \"capabilityArgs\"");
        }
        return NetworkList.parse((ObjectNode) json.path("network")).map(network -> new AttachmentRecord(
                json.path("sandboxId").asText(),
                phase.get(),
                json.path("netns").asText(),
                json.path("netnsIdentity").asText(),
                json.path("cniArgs").asText(),
                network,
                (ObjectNode) json.path("capabilityArgs"),
                json.path("result") instanceof ObjectNode result ? Option.some(result) : Option.none(),
                Option.of(json.path("blockedSinceMillis")).filter(JsonNode::isIntegralNumber).map(JsonNode::longValue)));
    }
}
