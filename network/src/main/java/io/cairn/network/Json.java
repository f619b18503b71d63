package io.cairn.network;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.collection.List;
import io.vavr.control.Either;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** JSON that others wrote: read within bounds, and written again without changing a value. */
final class Json {
    static final int BYTES_MAX = 1 << 20;
    private static final int DEPTH_MAX = 100;

    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private Json() {}

    static ObjectNode object() {
        return MAPPER.createObjectNode();
    }

    static Either<String, ObjectNode> parseObject(byte[] bytes) {
        return parseObject(bytes, BYTES_MAX);
    }

    static Either<String, ObjectNode> parseObject(byte[] bytes, int bytesMax) {
        if (bytes.length > bytesMax) {
            return Either.left("expected at most %d bytes of JSON, but got more".formatted(bytesMax));
        }
        try {
            return MAPPER.readTree(bytes) instanceof ObjectNode object
                    ? Either.right(object)
                    : Either.left("expected a JSON object, but got " + excerpt(bytes));
        } catch (JsonProcessingException e) {
            var at = e.getLocation();
            String where = at == null ? "" : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
            return Either.left("not JSON%s: %s".formatted(where, Text.clean(e.getOriginalMessage(), 200)));
        } catch (NumberFormatException e) {
            // Jackson lets this one through for a fraction whose exponent BigDecimal cannot hold.
            return Either.left("not readable as JSON: " + Text.clean(e.getMessage(), 200));
        } catch (IOException e) {
            return Either.left("not readable as JSON: " + Text.reason(e));
        }
    }

    private static String excerpt(byte[] bytes) {
        int length = Math.min(bytes.length, 80);
        return bytes.length == 0 ? "nothing" : Text.quote(new String(bytes, 0, length, StandardCharsets.UTF_8));
    }

    static byte[] bytes(ObjectNode object) {
        try {
            return MAPPER.writeValueAsBytes(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("A JSON tree that was read could not be written", e);
        }
    }

    static Option<String> text(JsonNode node, String key) {
        return node.path(key).isTextual() ? Option.some(node.path(key).textValue()) : Option.none();
    }

    /** The non-empty text under a key. */
    static Option<String> word(JsonNode node, String key) {
        return text(node, key).filter(s -> !s.isEmpty());
    }

    static List<String> texts(JsonNode array) {
        return List.ofAll(array).filter(JsonNode::isTextual).map(JsonNode::textValue);
    }
}
