package io.cairn.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.collection.HashSet;
import io.vavr.collection.List;
import io.vavr.collection.Seq;
import io.vavr.collection.Set;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.util.regex.Pattern;

/**
 * A network configuration (CNI spec, section 1), checked. The plugins' own keys are kept as they were read.
 *
 * @param versions the versions the configuration offers and we speak, highest first, never empty
 */
record NetworkList(String name, List<CniVersion> versions, boolean disableCheck, boolean disableGc, List<Plugin> plugins) {
    static final int PLUGINS_MAX = 64;
    private static final int NAME_CHARS_MAX = 200;
    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.\\-]*");
    private static final Pattern SEMVER = Pattern.compile("[0-9]{1,9}\\.[0-9]{1,9}\\.[0-9]{1,9}(-[0-9A-Za-z.-]{1,64})?");

    /** One plugin of the chain. The JSON is never changed once it is here. */
    record Plugin(String type, Set<String> capabilities, ObjectNode json) {}

    NetworkList {
        if (versions.isEmpty()) {
            throw new IllegalArgumentException("A network without a version");
        }
    }

    CniVersion highestVersion() {
        return versions.head();
    }

    NetworkList withVersion(CniVersion version) {
        return new NetworkList(name, List.of(version), disableCheck, disableGc, plugins);
    }

    NetworkList withMore(List<Plugin> more) {
        return new NetworkList(name, versions, disableCheck, disableGc, plugins.appendAll(more));
    }

    /** Capabilities that at least one plugin declares. */
    Set<String> capabilities() {
        return plugins.foldLeft(HashSet.<String>empty(), (all, p) -> all.addAll(p.capabilities()));
    }

    static boolean isName(String text) {
        return text.length() <= NAME_CHARS_MAX && NAME.matcher(text).matches();
    }

    /**
     * Reads a list ({@code plugins}) or a single plugin (up to spec 0.4.0), which becomes a list of one.
     * The plugins may be empty, where others are still to be added from files.
     */
    static Either<String, NetworkList> parse(ObjectNode root) {
        var name = Json.text(root, "name").filter(NetworkList::isName)
                .toEither("expected \"name\" to be a letter or digit followed by those or _ . -, at most %d, but got %s"
                        .formatted(NAME_CHARS_MAX, shown(root, "name")));
        return name.flatMap(n -> versions(root).flatMap(versions -> flag(root, "disableCheck").flatMap(check ->
                flag(root, "disableGC").flatMap(gc -> plugins(root).map(plugins -> new NetworkList(n, versions, check, gc, plugins))))));
    }

    private static Either<String, List<CniVersion>> versions(ObjectNode root) {
        JsonNode single = root.path("cniVersion");
        JsonNode several = root.path("cniVersions");
        if (!(single.isMissingNode() || single.isTextual()) || !(several.isMissingNode() || several.isArray())) {
            return Either.left("expected \"cniVersion\" to be a text and \"cniVersions\" a list of texts");
        }
        var texts = (several.isArray() ? List.ofAll(several) : List.<JsonNode>empty())
                .appendAll(single.isTextual() ? List.of(single) : List.empty());
        if (texts.exists(t -> !t.isTextual() || !SEMVER.matcher(t.textValue()).matches())) {
            return Either.left("expected CNI versions like 1.0.0, but got " + Text.quote(texts.mkString(", ")));
        }
        var known = texts.flatMap(t -> CniVersion.of(t.textValue())).distinct().sorted().reverse();
        return known.isEmpty()
                ? Either.left("expected one of the CNI versions %s, but got %s".formatted(CniVersion.all(),
                        texts.isEmpty() ? "none" : Text.quote(texts.map(JsonNode::textValue).mkString(", "))))
                : Either.right(known);
    }

    /** libcni also takes the words "true" and "false". */
    static Either<String, Boolean> flag(ObjectNode root, String key) {
        JsonNode value = root.path(key);
        if (value.isMissingNode() || value.isBoolean()) {
            return Either.right(value.asBoolean(false));
        }
        return switch (value.isTextual() ? value.textValue().toLowerCase(java.util.Locale.ROOT) : "") {
            case "true" -> Either.right(true);
            case "false" -> Either.right(false);
            default -> Either.left("expected \"%s\" to be true or false, but got %s".formatted(key, shown(root, key)));
        };
    }

    private static Either<String, List<Plugin>> plugins(ObjectNode root) {
        JsonNode inlined = root.path("plugins");
        if (inlined.isMissingNode()) {
            return root.has("type") ? plugin(root).map(List::of) : Either.right(List.empty());
        }
        if (!inlined.isArray() || inlined.isEmpty() || inlined.size() > PLUGINS_MAX) {
            return Either.left("expected \"plugins\" to be a list of 1 to %d plugins".formatted(PLUGINS_MAX));
        }
        return Either.sequenceRight(List.ofAll(inlined).map(NetworkList::plugin)).map(Seq::toList);
    }

    static Either<String, Plugin> plugin(JsonNode node) {
        if (!(node instanceof ObjectNode json)) {
            return Either.left("expected a plugin to be a JSON object");
        }
        Option<String> type = Json.text(json, "type").filter(NetworkList::isName);
        if (type.isEmpty()) {
            return Either.left("expected a plugin's \"type\" to be the name of a file, but got " + shown(json, "type"));
        }
        var capabilities = HashSet.ofAll(json.path("capabilities").properties())
                .filter(e -> e.getValue().asBoolean(false))
                .map(java.util.Map.Entry::getKey);
        return Either.right(new Plugin(type.get(), capabilities, json));
    }

    private static String shown(JsonNode node, String key) {
        return node.has(key) ? Text.quote(node.path(key).toString()) : "nothing";
    }

    /** In the form {@link #parse} reads; for the record of an attachment. */
    ObjectNode toJson() {
        ObjectNode root = Json.object().put("name", name).put("disableCheck", disableCheck).put("disableGC", disableGc);
        versions.forEach(v -> root.withArray("cniVersions").add(v.text()));
        plugins.forEach(p -> root.withArray("plugins").add(p.json()));
        return root;
    }
}
