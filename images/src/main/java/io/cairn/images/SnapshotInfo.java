package io.cairn.images;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.Json;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;

/**
 * What a snapshot is made of.
 *
 * @param chainIds the lowest layer first
 * @param owners none: those of the image
 */
record SnapshotInfo(boolean isWritable, Vector<Digest> chainIds, Option<Owners> owners) {
    static final String FILE = "snapshot.json";

    private static final int VERSION = 1;
    private static final JsonMapper MAPPER = new JsonMapper();

    byte[] toJson() throws IOException {
        ObjectNode node = MAPPER.createObjectNode();
        node.put("version", VERSION);
        node.put("isWritable", isWritable);
        var list = node.putArray("chainIds");
        chainIds.forEach(id -> list.add(id.toString()));
        owners.forEach(o -> o.write(node));
        return MAPPER.writeValueAsBytes(node);
    }

    /** @throws IOException when it is not what {@link #toJson} wrote */
    static SnapshotInfo fromJson(byte[] content) throws IOException {
        JsonNode node = Json.read(content);
        Vector<Digest> chainIds = Vector.empty();
        for (JsonNode id : node.path("chainIds")) {
            var digest = Digest.parse(id.asText(""));
            if (digest.isLeft()) {
                throw new IOException(digest.getLeft());
            }
            chainIds = chainIds.append(digest.get());
        }
        if (node.path("version").asInt() != VERSION || !node.path("isWritable").isBoolean()) {
            throw new IOException("Expected the description of a snapshot, version %d, but found something else".formatted(VERSION));
        }
        Option<Owners> owners = node.has("owners") ? Option.some(Owners.read(node.path("owners"))) : Option.none();
        return new SnapshotInfo(node.path("isWritable").asBoolean(), chainIds, owners);
    }
}
