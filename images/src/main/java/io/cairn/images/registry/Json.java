package io.cairn.images.registry;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;

/** Reads JSON that others wrote: bounded depth and lengths, nothing after the value, no name twice. */
public final class Json {
    private static final JsonMapper MAPPER = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(64)
                            .maxStringLength(1 << 20)
                            .maxNumberLength(32)
                            .build())
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .enable(DeserializationFeature.FAIL_ON_READING_DUP_TREE_KEY)
            .build();

    private Json() {}

    /** @throws IOException when it is no JSON, with a message of one line */
    public static JsonNode read(byte[] content) throws IOException {
        try {
            JsonNode node = MAPPER.readTree(content);
            if (node.isMissingNode()) {
                throw new IOException("there is nothing");
            }
            return node;
        } catch (IOException e) {
            throw new IOException("Expected JSON, but " + Shown.text(String.valueOf(e.getMessage()), 200), e);
        }
    }
}
