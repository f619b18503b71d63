package io.cairn.images.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.vavr.Tuple;
import io.vavr.Tuple2;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;

/**
 * What a manifest document says: either one image, or an index of several. A document that could be read as both is
 * refused, since two readers could take it for different images (CVE-2021-41190).
 */
sealed interface Manifest {
    /** One image: its configuration and its layers, the lowest first. */
    record Image(Descriptor config, Vector<Descriptor> layers) implements Manifest {}

    /** Several images; the platform is missing where the index does not tell. */
    record Index(Vector<Tuple2<Descriptor, Option<Platform>>> entries) implements Manifest {}

    /** It is well formed but not for us, as an old schema; the message says what. */
    final class Unsupported extends IOException {
        private static final long serialVersionUID = 1L;

        Unsupported(String message) {
            super(message);
        }
    }

    /** @throws IOException when it is no manifest, {@link Unsupported} when it is one that cannot be used */
    static Manifest parse(byte[] content) throws IOException {
        JsonNode root = Json.read(content);
        int schema = root.path("schemaVersion").asInt(0);
        if (schema == 1) {
            throw new Unsupported("the registry has it in Docker's schema 1 only, which was retired; push it anew with a current tool");
        }
        if (schema != 2 || !root.isObject()) {
            throw new IOException("Expected a manifest with schemaVersion 2, but found "
                    + Shown.text(root.path("schemaVersion").toString(), 40));
        }
        String type = root.path("mediaType").asText("");
        boolean hasImage = root.has("layers") || root.has("config");
        boolean hasIndex = root.has("manifests");
        if (hasImage && hasIndex) {
            throw new IOException("Expected an image manifest or an index, but the document has the fields of both");
        }
        if (hasIndex && (type.isEmpty() || MediaTypes.INDEXES.contains(type))) {
            return index(root);
        }
        if (hasImage && (type.isEmpty() || MediaTypes.MANIFESTS.contains(type))) {
            return image(root);
        }
        throw new Unsupported("its media type is '" + Shown.text(type, 120) + "', which is no container image");
    }

    /** What a document that could be parsed calls itself. OCI lets it say nothing; its fields tell then. */
    static String mediaType(byte[] content) throws IOException {
        JsonNode root = Json.read(content);
        String inferred = root.has("manifests") ? MediaTypes.OCI_INDEX : MediaTypes.OCI_MANIFEST;
        return root.path("mediaType").asText(inferred);
    }

    private static Manifest image(JsonNode root) throws IOException {
        Descriptor config = descriptor(root.path("config"));
        if (!MediaTypes.CONFIGS.contains(config.mediaType())) {
            throw new Unsupported("its configuration is of the type '" + Shown.text(config.mediaType(), 120)
                    + "', so it is no container image");
        }
        if (root.path("layers").size() > RegistryLimits.MAX_LAYERS) {
            throw new Unsupported("it has %d layers, more than %d".formatted(root.path("layers").size(), RegistryLimits.MAX_LAYERS));
        }
        Vector<Descriptor> layers = Vector.empty();
        for (JsonNode node : root.path("layers")) {
            Descriptor layer = descriptor(node);
            if (!MediaTypes.LAYERS.contains(layer.mediaType())) {
                throw new Unsupported("one of its layers is of the type '" + Shown.text(layer.mediaType(), 120) + "'");
            }
            layers = layers.append(layer);
        }
        return new Image(config, layers);
    }

    private static Manifest index(JsonNode root) throws IOException {
        Vector<Tuple2<Descriptor, Option<Platform>>> entries = Vector.empty();
        for (JsonNode node : root.path("manifests")) {
            if (entries.size() == RegistryLimits.MAX_INDEX_ENTRIES) {
                throw new Unsupported("its index has more than %d entries".formatted(RegistryLimits.MAX_INDEX_ENTRIES));
            }
            entries = entries.append(Tuple.of(descriptor(node), platform(node.path("platform"))));
        }
        return new Index(entries);
    }

    private static Option<Platform> platform(JsonNode node) {
        return node.isObject()
                ? Option.of(new Platform(node.path("os").asText(""), node.path("architecture").asText(""), node.path("variant").asText("")))
                : Option.none();
    }

    private static Descriptor descriptor(JsonNode node) throws IOException {
        var digest = Digest.parse(node.path("digest").asText(""));
        JsonNode size = node.path("size");
        if (digest.isLeft() || !size.isIntegralNumber() || !size.canConvertToLong() || size.asLong() < 0) {
            throw new IOException("Expected descriptors with digest and size in the manifest, but found "
                    + Shown.text(node.toString(), 200));
        }
        return new Descriptor(node.path("mediaType").asText(""), digest.get(), size.asLong());
    }
}
