package io.cairn.driver.host.checkpoint;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.driver.host.FileTrees;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * checkpoint.json: which checkpoint was tried last. Written whole before the archive comes to its place, so that a part of that name which
 * is gone has come there.
 *
 * @param part the archive as long as it is not at its place
 * @param size of the whole archive; 0 as long as it is not whole
 */
record CheckpointRecord(String id, Path part, long size) {
    static Option<CheckpointRecord> read(Path file) throws IOException {
        return FileTrees.readObject(file).map(o -> new CheckpointRecord(o.path("id").asText(), Path.of(o.path("part").asText()),
                o.path("size").asLong()));
    }

    ObjectNode toJson() {
        return FileTrees.JSON.createObjectNode().put("id", id).put("part", part.toString()).put("size", size);
    }
}
