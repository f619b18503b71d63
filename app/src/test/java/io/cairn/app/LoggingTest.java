package io.cairn.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.cairn.app.config.CairnConfig.LogFormat;
import io.cairn.app.config.CairnConfig.LogLevel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LoggingTest {
    private final LoggerContext context = new LoggerContext();
    private final Logger logger = context.getLogger("io.cairn.engine.Engine");

    @BeforeEach
    void the_fields_of_a_thread() {
        context.setMDCAdapter(new LogbackMDCAdapter());
    }

    private ILoggingEvent event(Level level, String message, Throwable thrown, Map<String, String> fields) {
        var event = new LoggingEvent("", logger, level, message, thrown, null);
        event.setTimeStamp(1_763_824_321_007L);
        event.setThreadName("main");
        event.setMDCPropertyMap(fields);
        return event;
    }

    @Test
    void a_text_line_has_time_level_logger_message_and_fields() {
        String line = new TextLayout(false).doLayout(event(Level.INFO, "sandbox ran", null, Map.of("pod", "web-0", "container", "a b")));

        assertThat(line).isEqualTo("2025-11-22T15:12:01.007Z INFO  Engine: sandbox ran container=\"a b\" pod=web-0\n");
    }

    @Test
    void what_others_wrote_cannot_begin_a_line_of_its_own() {
        String line = new TextLayout(false).doLayout(event(Level.WARN, "a\nb\u001b[2J\u2028c", new IOException("x\r\ny"),
                Map.of("pod", "p\n\" pod=other")));

        assertThat(line).startsWith("2025-11-22T15:12:01.007Z WARN  Engine: a\\nb\\u001B[2J\\u2028c pod=\"p\\n\\\" pod=other\": "
                + "IOException: x\\r\\ny (at io.cairn.app.LoggingTest.");
        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
    }

    @Test
    void an_exception_tells_its_causes_in_the_line_and_its_frames_only_when_asked_for() {
        var thrown = new IllegalStateException("outer", new IOException("inner"));

        assertThat(new TextLayout(false).doLayout(event(Level.ERROR, "failed", thrown, Map.of())))
                .matches("\\S+ ERROR Engine: failed: IllegalStateException: outer \\(at .*\\); caused by IOException: inner \\(at .*\\)\n");
        assertThat(new TextLayout(true).doLayout(event(Level.ERROR, "failed", thrown, Map.of())))
                .contains("\n    java.io.IOException\n        at io.cairn.app.LoggingTest.");
    }

    @Test
    void a_json_line_is_one_object_with_the_same_in_it() throws IOException {
        String line = new JsonLayout().doLayout(event(Level.INFO, "say \"hi\"\n", new IOException("x"), Map.of("pod", "web-0")));

        assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
        Map<String, String> fields = parsed(line);
        assertThat(fields).containsEntry("time", "2025-11-22T15:12:01.007Z").containsEntry("level", "INFO")
                .containsEntry("logger", "io.cairn.engine.Engine").containsEntry("thread", "main")
                .containsEntry("message", "say \"hi\"\n").containsEntry("pod", "web-0");
        assertThat(fields.get("error")).startsWith("java.io.IOException: x");
    }

    private static Map<String, String> parsed(String json) throws IOException {
        var fields = new LinkedHashMap<String, String>();
        try (JsonParser parser = new JsonFactory().createParser(json)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (token == JsonToken.VALUE_STRING) {
                    fields.put(parser.currentName(), parser.getText());
                }
            }
        }
        return fields;
    }

    @Test
    void logs_go_to_stderr_at_the_level_asked_for_and_libraries_only_warn() {
        PrintStream err = System.err;
        var caught = new ByteArrayOutputStream();
        try {
            System.setErr(new PrintStream(caught, true, StandardCharsets.UTF_8));
            Logging.apply(context, LogLevel.DEBUG, LogFormat.TEXT);
            logger.debug("ours");
            logger.trace("too fine");
            context.getLogger("net.openhft.chronicle.core.Jvm").info("chatter");
            context.getLogger("io.netty.util.NetUtil").warn("worth knowing");
        } finally {
            System.setErr(err);
        }
        assertThat(caught.toString(StandardCharsets.UTF_8).lines()).hasSize(2).anyMatch(l -> l.endsWith("DEBUG Engine: ours"))
                .anyMatch(l -> l.endsWith("WARN  NetUtil: worth knowing"));
    }
}
