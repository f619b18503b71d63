package io.cairn.driver.host;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.cairn.core.driver.CreatedContainer;
import io.cairn.oci.Clamp;
import io.cairn.oci.ProcessUser;
import io.cairn.proto.cri.ContainerUser;
import io.cairn.proto.cri.LinuxContainerUser;
import io.vavr.collection.List;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Path;

/**
 * container.json: a container that is whole, and what of it must be known without its creator.
 *
 * @param cgroupsPath as in the OCI spec
 * @param log file the output goes to, in the CRI's format; none when nobody wants it
 */
public record ContainerRecord(
        String id, String sandboxId, String imageId, String handler, String cgroupsPath, Option<Path> log, boolean terminal,
        boolean stdin, boolean stdinOnce, ProcessUser user, Vector<String> clamps) {

    /** None when its creation was never finished. */
    public static Option<ContainerRecord> read(Path file) throws IOException {
        return FileTrees.readObject(file).filter(o -> o.path("version").asInt() == 1).map(o -> new ContainerRecord(
                o.path("id").asText(), o.path("sandbox_id").asText(), o.path("image_id").asText(), o.path("handler").asText(),
                o.path("cgroups_path").asText(),
                Option.of(o.path("log").asText()).filter(t -> !t.isEmpty()).map(Path::of),
                o.path("terminal").asBoolean(), o.path("stdin").asBoolean(), o.path("stdin_once").asBoolean(),
                new ProcessUser(o.path("uid").asLong(), o.path("gid").asLong(), List.ofAll(o.path("groups")).map(JsonNode::asLong)),
                Vector.ofAll(o.path("clamps")).map(JsonNode::asText)));
    }

    public ObjectNode toJson() {
        ObjectNode json = FileTrees.JSON.createObjectNode().put("version", 1)
                .put("id", id).put("sandbox_id", sandboxId).put("image_id", imageId).put("handler", handler)
                .put("cgroups_path", cgroupsPath)
                .put("log", log.map(Path::toString).getOrElse("")).put("terminal", terminal).put("stdin", stdin)
                .put("stdin_once", stdinOnce).put("uid", user.uid()).put("gid", user.gid());
        var groups = json.putArray("groups");
        user.supplementalGroups().forEach(groups::add);
        var words = json.putArray("clamps");
        clamps.forEach(words::add);
        return json;
    }

    public CreatedContainer toAnswer() {
        var linux = LinuxContainerUser.newBuilder().setUid(user.uid()).setGid(user.gid())
                .addAllSupplementalGroups(user.supplementalGroups());
        return new CreatedContainer(ContainerUser.newBuilder().setLinux(linux).build(), clamps);
    }

    /** As {@link CreatedContainer} tells of what was given otherwise than asked. */
    public static String words(Clamp clamp) {
        return "%s: %s instead of %s, since %s".formatted(clamp.subject(), clamp.given(), clamp.asked(), clamp.why());
    }
}
