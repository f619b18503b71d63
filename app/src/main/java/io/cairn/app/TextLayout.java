package io.cairn.app;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.IThrowableProxy;
import ch.qos.logback.classic.spi.StackTraceElementProxy;
import ch.qos.logback.core.LayoutBase;
import io.cairn.app.config.OneLine;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Map;
import java.util.TreeMap;

/**
 * One event, one line: {@code 2026-11-22T15:12:01.123Z INFO  Engine: sandbox ran pod=web-0}. What others wrote (container
 * names, answers of registries) cannot begin a line of its own. Thread-safe.
 */
final class TextLayout extends LayoutBase<ILoggingEvent> {
    static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);
    private static final int CAUSES_MAX = 8;

    private final boolean traces;

    /** @param traces print the frames of an exception below its line */
    TextLayout(boolean traces) {
        this.traces = traces;
    }

    @Override
    public String doLayout(ILoggingEvent event) {
        var out = new StringBuilder(160);
        TIME.formatTo(Instant.ofEpochMilli(event.getTimeStamp()), out);
        out.append(' ').append(event.getLevel()).append(event.getLevel().levelStr.length() == 4 ? "  " : " ")
                .append(shortened(event.getLoggerName())).append(": ").append(OneLine.of(event.getFormattedMessage()));
        for (Map.Entry<String, String> field : new TreeMap<>(event.getMDCPropertyMap()).entrySet()) {
            out.append(' ').append(field.getKey()).append('=').append(quotedIfNeeded(field.getValue()));
        }
        IThrowableProxy thrown = event.getThrowableProxy();
        if (thrown != null) {
            causes(out, thrown);
        }
        out.append('\n');
        if (thrown != null && traces) {
            frames(out, thrown);
        }
        return out.toString();
    }

    static String shortened(String logger) {
        return logger.substring(logger.lastIndexOf('.') + 1);
    }

    private static String quotedIfNeeded(String value) {
        boolean plain = !value.isEmpty() && value.chars().allMatch(c -> c > ' ' && c != '"' && c != '=');
        return plain ? OneLine.of(value) : '"' + OneLine.of(value).replace("\"", "\\\"") + '"';
    }

    private static void causes(StringBuilder out, IThrowableProxy thrown) {
        int depth = 0;
        for (IThrowableProxy at = thrown; at != null && depth < CAUSES_MAX; at = at.getCause(), depth++) {
            out.append(depth == 0 ? ": " : "; caused by ").append(shortened(at.getClassName()));
            out.append(at.getMessage() == null ? "" : ": " + OneLine.of(at.getMessage()));
            StackTraceElementProxy[] frames = at.getStackTraceElementProxyArray();
            if (frames != null && frames.length > 0) {
                out.append(" (").append(frames[0].getSTEAsString()).append(')');
            }
        }
    }

    private static void frames(StringBuilder out, IThrowableProxy thrown) {
        int depth = 0;
        for (IThrowableProxy at = thrown; at != null && depth < CAUSES_MAX; at = at.getCause(), depth++) {
            out.append("    ").append(at.getClassName()).append('\n');
            for (StackTraceElementProxy frame : at.getStackTraceElementProxyArray()) {
                out.append("        ").append(frame.getSTEAsString()).append('\n');
            }
        }
    }
}
