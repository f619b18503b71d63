package io.cairn.streaming;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;

/** Reads a resize stream: objects like {@code {"Width":80,"Height":24}}, one after the other, for as long as the client is there. */
final class Resizes {
    /** What a terminal's sides may be; conmon takes no more. */
    private static final int CELLS_MAX = 1000;
    private static final JsonFactory FACTORY = JsonFactory.builder().streamReadConstraints(StreamReadConstraints.builder()
            .maxNestingDepth(8).maxNumberLength(16).maxStringLength(256).maxNameLength(256).build()).build();

    private Resizes() {}

    interface Terminal {
        void resize(int columns, int rows) throws IOException;
    }

    /** @throws IOException something else came, or the client is gone */
    static void follow(InputStream stream, Terminal terminal) throws IOException {
        try (JsonParser json = FACTORY.createParser(stream)) {
            while (json.nextToken() == JsonToken.START_OBJECT) {
                int columns = 0;
                int rows = 0;
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String name = json.currentName();
                    JsonToken value = json.nextToken();
                    int number = value == JsonToken.VALUE_NUMBER_INT ? json.getIntValue() : 0;
                    columns = name.equalsIgnoreCase("Width") ? number : columns;
                    rows = name.equalsIgnoreCase("Height") ? number : rows;
                    json.skipChildren();
                }
                if (columns > 0 && rows > 0) {
                    terminal.resize(Math.min(columns, CELLS_MAX), Math.min(rows, CELLS_MAX));
                }
            }
        }
    }
}
