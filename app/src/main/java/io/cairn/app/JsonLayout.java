package io.cairn.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.LayoutBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/**
 * One event, one JSON object on one line: time, level, logger, thread, message, then {@code fields} (pod, container, …) and
 * {@code error} with its stack trace where there are any. Thread-safe.
 */
final class JsonLayout extends LayoutBase<ILoggingEvent> {
    private static final JsonFactory JSON = new JsonFactory();

    @Override
    public String doLayout(ILoggingEvent event) {
        var out = new StringWriter(256);
        try (JsonGenerator json = JSON.createGenerator(out)) {
            write(json, event);
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does no input or output", e);
        }
        return out.append('\n').toString();
    }

    private static void write(JsonGenerator json, ILoggingEvent event) throws IOException {
        json.writeStartObject();
        json.writeStringField("time", TextLayout.TIME.format(Instant.ofEpochMilli(event.getTimeStamp())));
        json.writeStringField("level", event.getLevel().levelStr);
        json.writeStringField("logger", event.getLoggerName());
        json.writeStringField("thread", event.getThreadName());
        json.writeStringField("message", event.getFormattedMessage());
        if (!event.getMDCPropertyMap().isEmpty()) {
            json.writeObjectFieldStart("fields");
            for (Map.Entry<String, String> field : new TreeMap<>(event.getMDCPropertyMap()).entrySet()) {
                json.writeStringField(field.getKey(), field.getValue());
            }
            json.writeEndObject();
        }
        if (event.getThrowableProxy() != null) {
            json.writeStringField("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
        }
        json.writeEndObject();
    }
}
