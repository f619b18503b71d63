package io.cairn.oci;

import com.fasterxml.jackson.databind.JsonNode;
import io.vavr.collection.LinkedHashMap;
import io.vavr.collection.List;
import io.vavr.collection.Map;
import io.vavr.control.Option;
import java.math.BigInteger;

/** One JSON object being read; remembers where it lies, so that a refusal names the field. */
record JsonIn(JsonNode node, String at) {
    /** No list of a spec or profile comes near this. */
    private static final int MAX_ENTRIES = 10_000;
    private static final BigInteger U64_END = BigInteger.ONE.shiftLeft(64);

    interface Reader<T> {
        T read(JsonIn in) throws Refused;
    }

    private Refused wrong(String name, String expected) {
        return Refused.request("Expected %s.%s to be %s, but it is: %.80s", at, name, expected, node.path(name));
    }

    private Option<JsonNode> field(String name) {
        return Option.of(node.get(name)).filter(n -> !n.isNull());
    }

    Option<String> text(String name) throws Refused {
        Option<JsonNode> value = field(name);
        if (value.exists(v -> !v.isTextual())) {
            throw wrong(name, "a text");
        }
        return value.map(JsonNode::textValue);
    }

    String textOr(String name, String otherwise) throws Refused {
        return text(name).getOrElse(otherwise);
    }

    boolean flag(String name) throws Refused {
        Option<JsonNode> value = field(name);
        if (value.exists(v -> !v.isBoolean())) {
            throw wrong(name, "true or false");
        }
        return value.exists(JsonNode::booleanValue);
    }

    Option<Long> number(String name) throws Refused {
        Option<JsonNode> value = field(name);
        if (value.exists(v -> !v.canConvertToExactIntegral() || !v.canConvertToLong())) {
            throw wrong(name, "a whole number of 64 bits");
        }
        return value.map(JsonNode::longValue);
    }

    Option<Integer> smallNumber(String name) throws Refused {
        Option<Long> value = number(name);
        if (value.exists(v -> v != v.intValue())) {
            throw wrong(name, "a whole number of 32 bits");
        }
        return value.map(Long::intValue);
    }

    /** An absent u64 is 0, as in the specification's own types. */
    long unsigned(String name) throws Refused {
        Option<JsonNode> value = field(name);
        if (value.isEmpty()) {
            return 0;
        }
        if (!value.get().isIntegralNumber()) {
            throw wrong(name, "a whole number from 0 to 2^64-1");
        }
        BigInteger number = value.get().bigIntegerValue();
        if (number.signum() < 0 || number.compareTo(U64_END) >= 0) {
            throw wrong(name, "a whole number from 0 to 2^64-1");
        }
        return number.longValue();
    }

    Option<JsonIn> object(String name) throws Refused {
        Option<JsonNode> value = field(name);
        if (value.exists(v -> !v.isObject())) {
            throw wrong(name, "an object");
        }
        return value.map(v -> new JsonIn(v, at + "." + name));
    }

    <T> Option<T> object(String name, Reader<T> reader) throws Refused {
        Option<JsonIn> value = object(name);
        return value.isEmpty() ? Option.none() : Option.some(reader.read(value.get()));
    }

    /** An absent object reads like an empty one. */
    JsonIn objectOrEmpty(String name) throws Refused {
        return object(name).getOrElse(new JsonIn(Json.fields().node(), at + "." + name));
    }

    <T> List<T> list(String name, Reader<T> reader) throws Refused {
        var items = new java.util.ArrayList<T>();
        for (JsonNode item : array(name)) {
            if (!item.isObject()) {
                throw wrong(name, "a list of objects");
            }
            items.add(reader.read(new JsonIn(item, "%s.%s[%d]".formatted(at, name, items.size()))));
        }
        return List.ofAll(items);
    }

    List<String> texts(String name) throws Refused {
        var items = new java.util.ArrayList<String>();
        for (JsonNode item : array(name)) {
            if (!item.isTextual()) {
                throw wrong(name, "a list of texts");
            }
            items.add(item.textValue());
        }
        return List.ofAll(items);
    }

    List<Long> numbers(String name) throws Refused {
        var items = new java.util.ArrayList<Long>();
        for (JsonNode item : array(name)) {
            if (!item.isIntegralNumber() || !item.canConvertToLong()) {
                throw wrong(name, "a list of whole numbers");
            }
            items.add(item.longValue());
        }
        return List.ofAll(items);
    }

    Map<String, String> textMap(String name) throws Refused {
        var items = new java.util.LinkedHashMap<String, String>();
        for (var entry : object(name).map(o -> o.node().properties()).getOrElse(java.util.Set.of())) {
            if (!entry.getValue().isTextual()) {
                throw wrong(name, "an object of texts");
            }
            items.put(entry.getKey(), entry.getValue().textValue());
        }
        return LinkedHashMap.ofAll(items);
    }

    private Iterable<JsonNode> array(String name) throws Refused {
        Option<JsonNode> value = field(name);
        if (value.exists(v -> !v.isArray() || v.size() > MAX_ENTRIES)) {
            throw wrong(name, "a list of at most " + MAX_ENTRIES);
        }
        return value.isEmpty() ? List.empty() : value.get();
    }
}
