package io.cairn.oci;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.io.IOException;
import java.util.function.Function;

/** JSON trees, written so that what is absent is left out, and read so that what is strange is refused by name. */
final class Json {
    /** Larger than any profile or spec seen in the field, small enough to be harmless. */
    static final int MAX_BYTES = 4 << 20;

    private static final ObjectMapper MAPPER = JsonMapper.builder(
                    com.fasterxml.jackson.core.JsonFactory.builder()
                            .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(64).build())
                            .build())
            .build();

    private Json() {}

    static byte[] bytes(JsonNode tree) {
        try {
            return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(tree);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("Expected a tree in memory to be writable", e);
        }
    }

    static JsonNode parse(byte[] bytes, String what) throws Refused {
        if (bytes.length > MAX_BYTES) {
            throw Refused.request("Expected %s of at most %d bytes, but it has %d", what, MAX_BYTES, bytes.length);
        }
        try {
            JsonNode tree = MAPPER.readTree(bytes);
            if (tree.isObject()) {
                return tree;
            }
            throw Refused.request("Expected %s to hold a JSON object, but it holds %s", what, tree.getNodeType());
        } catch (JsonProcessingException e) {
            throw Refused.request("Expected %s to be JSON, but: %s", what, e.getOriginalMessage());
        } catch (IOException e) {
            // Bytes that begin like UTF-16 or UTF-32, and are not.
            throw Refused.request("Expected %s to be JSON, but: %s", what, e.getMessage());
        }
    }

    static Fields fields() {
        return new Fields(JsonNodeFactory.instance.objectNode());
    }

    /** Builds one object in the order of the calls. */
    record Fields(ObjectNode node) {
        Fields put(String name, String value) {
            node.put(name, value);
            return this;
        }

        Fields put(String name, boolean value) {
            node.put(name, value);
            return this;
        }

        Fields put(String name, long value) {
            node.put(name, value);
            return this;
        }

        /** A Java long that holds a u64. */
        Fields putUnsigned(String name, long value) {
            node.put(name, new java.math.BigInteger(Long.toUnsignedString(value)));
            return this;
        }

        Fields text(String name, Option<String> value) {
            value.forEach(v -> node.put(name, v));
            return this;
        }

        Fields number(String name, Option<? extends Number> value) {
            value.forEach(v -> node.put(name, v.longValue()));
            return this;
        }

        Fields texts(String name, List<String> values) {
            if (!values.isEmpty()) {
                var array = node.putArray(name);
                values.forEach(array::add);
            }
            return this;
        }

        Fields texts(String name, Map<String, String> values) {
            if (!values.isEmpty()) {
                var object = node.putObject(name);
                values.forEach((k, v) -> object.put(k, v));
            }
            return this;
        }

        <T> Fields list(String name, List<T> values, Function<T, JsonNode> each) {
            if (!values.isEmpty()) {
                var array = node.putArray(name);
                values.forEach(v -> array.add(each.apply(v)));
            }
            return this;
        }

        <T> Fields object(String name, Option<T> value, Function<T, ObjectNode> writer) {
            value.forEach(v -> node.set(name, writer.apply(v)));
            return this;
        }

        /** An object that would be empty is absent. */
        Fields unlessEmpty(String name, ObjectNode value) {
            if (!value.isEmpty()) {
                node.set(name, value);
            }
            return this;
        }
    }
}
