package io.cairn.oci;

import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;

/**
 * What a device of the Container Device Interface changes in a container (CDI specification, "containerEdits").
 *
 * @param env KEY=value; takes the place of a variable that is there
 * @param mounts each takes the place of what is mounted there
 * @param hooks by their name in the OCI specification
 * @param gids groups for the process
 */
record CdiEdits(List<String> env, List<Node> nodes, List<OciSpec.Mount> mounts, Map<String, List<OciSpec.Hook>> hooks, List<Long> gids) {
    static final CdiEdits NONE = new CdiEdits(List.empty(), List.empty(), List.empty(), LinkedHashMap.empty(), List.empty());

    /**
     * A device node; what is absent is that of the host's node.
     *
     * @param path in the container
     * @param access made of r, w and m
     */
    record Node(
            String path, String hostPath, Option<String> type, Option<Long> major, Option<Long> minor, Option<Integer> fileMode, String access,
            Option<Long> uid, Option<Long> gid) {}

    CdiEdits then(CdiEdits later) {
        return new CdiEdits(env.appendAll(later.env), nodes.appendAll(later.nodes), mounts.appendAll(later.mounts),
                later.hooks.foldLeft(hooks, (all, more) -> all.put(more._1(), all.getOrElse(more._1(), List.empty()).appendAll(more._2()))),
                gids.appendAll(later.gids));
    }

    List<String> applyTo(List<String> environment) {
        return env.foldLeft(environment, (all, entry) -> {
            String key = entry.substring(0, entry.indexOf('=') + 1);
            return all.filter(e -> !e.startsWith(key)).append(entry);
        });
    }

    ProcessUser applyTo(ProcessUser user) {
        return new ProcessUser(user.uid(), user.gid(), user.supplementalGroups().appendAll(gids).distinct());
    }
}
