package io.cairn.images;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.Json;
import io.cairn.images.registry.Platform;
import io.vavr.Tuple;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.Map;
import io.vavr.collection.Vector;
import java.io.IOException;

/**
 * What an image says about how it is run (OCI image-spec, config.md). Texts are empty and lists have nothing in them where
 * the image says nothing.
 *
 * @param env {@code NAME=value}, in the image's order
 * @param user name or id, perhaps with a group: {@code user[:group]}
 * @param exposedPorts {@code 80/tcp}
 * @param volumes absolute paths inside the container
 * @param diffIds digests of the uncompressed layers, the lowest first
 */
public record ImageConfig(Platform platform, Vector<String> env, Vector<String> entrypoint, Vector<String> cmd, String workingDir,
        String user, String stopSignal, Vector<String> exposedPorts, Vector<String> volumes, Map<String, String> labels,
                Vector<Digest> diffIds) {
    /** @throws IOException when it is no image configuration, in one line */
    public static ImageConfig parse(byte[] json) throws IOException {
        JsonNode root = Json.read(json);
        JsonNode run = root.path("config");
        Vector<Digest> diffIds = Vector.empty();
        for (String text : texts(root.path("rootfs"), "diff_ids")) {
            var digest = Digest.parse(text);
            if (digest.isLeft()) {
                throw new IOException("Expected digests in rootfs.diff_ids of the image configuration: " + digest.getLeft());
            }
            diffIds = diffIds.append(digest.get());
        }
        return new ImageConfig(
                new Platform(root.path("os").asText(""), root.path("architecture").asText(""), root.path("variant").asText("")),
                texts(run, "Env"), texts(run, "Entrypoint"), texts(run, "Cmd"), run.path("WorkingDir").asText(""),
                run.path("User").asText(""), run.path("StopSignal")
                        .asText(""), keys(run, "ExposedPorts"), keys(run, "Volumes"), labels(run), diffIds);
    }

    private static Vector<String> texts(JsonNode node, String key) throws IOException {
        Vector<String> found = Vector.empty();
        for (JsonNode item : listed(node, key)) {
            if (!item.isTextual()) {
                throw new IOException("Expected texts in '%s' of the image configuration, but found something else".formatted(key));
            }
            found = found.append(item.asText());
        }
        return found;
    }

    private static JsonNode listed(JsonNode node, String key) throws IOException {
        JsonNode list = node.path(key);
        if (!list.isMissingNode() && !list.isNull() && !list.isArray()) {
            throw new IOException("Expected a list as '%s' of the image configuration, but found something else".formatted(key));
        }
        return list;
    }

    private static Vector<String> keys(JsonNode node, String key) {
        return Vector.ofAll(node.path(key)::fieldNames);
    }

    private static Map<String, String> labels(JsonNode node) {
        Map<String, String> found = LinkedHashMap.empty();
        for (var label : node.path("Labels").properties()) {
            found = found.put(Tuple.of(label.getKey(), label.getValue().asText("")));
        }
        return found;
    }
}
