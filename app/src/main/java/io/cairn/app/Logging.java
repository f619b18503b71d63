package io.cairn.app;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.Layout;
import ch.qos.logback.core.encoder.LayoutWrappingEncoder;
import ch.qos.logback.core.spi.ContextAwareBase;
import io.cairn.app.config.CairnConfig.LogFormat;
import io.cairn.app.config.CairnConfig.LogLevel;
import io.vavr.collection.Array;
import io.vavr.collection.Seq;
import java.nio.charset.StandardCharsets;
import org.slf4j.LoggerFactory;

/**
 * Logs go to stderr, one line an event. Set up in code: reading an XML file costs every start a tenth of a second, and there is
 * nothing in it that the configuration does not already say.
 */
public final class Logging {
    /** Libraries that tell at INFO and DEBUG how they work inside. */
    private static final Seq<String> CHATTY = Array.of("net.openhft", "io.netty", "io.grpc");

    private Logging() {}

    /** Call once, when the configuration is known. */
    public static void configure(LogLevel level, LogFormat format) {
        apply((LoggerContext) LoggerFactory.getILoggerFactory(), level, format);
    }

    static void apply(LoggerContext context, LogLevel level, LogFormat format) {
        context.reset();
        Layout<ILoggingEvent> layout = switch (format) {
            case TEXT -> new TextLayout(level.compareTo(LogLevel.DEBUG) >= 0);
            case JSON -> new JsonLayout();
        };
        layout.setContext(context);
        layout.start();
        Logger root = context.getLogger(Logger.ROOT_LOGGER_NAME);
        root.setLevel(logback(level));
        root.addAppender(stderr(context, layout));
        Level quiet = logback(level == LogLevel.ERROR ? LogLevel.ERROR : LogLevel.WARN);
        CHATTY.forEach(name -> context.getLogger(name).setLevel(quiet));
        // gRPC asks every transport for TCP keep-alive, and Netty warns at each connection that a unix socket has none.
        context.getLogger("io.netty.bootstrap").setLevel(Level.ERROR);
    }

    private static ConsoleAppender<ILoggingEvent> stderr(LoggerContext context, Layout<ILoggingEvent> layout) {
        var encoder = new LayoutWrappingEncoder<ILoggingEvent>();
        encoder.setContext(context);
        encoder.setCharset(StandardCharsets.UTF_8);
        encoder.setLayout(layout);
        encoder.start();
        var appender = new ConsoleAppender<ILoggingEvent>();
        appender.setContext(context);
        appender.setName("stderr");
        appender.setTarget("System.err");
        appender.setEncoder(encoder);
        appender.start();
        return appender;
    }

    private static Level logback(LogLevel level) {
        return switch (level) {
            case ERROR -> Level.ERROR;
            case WARN -> Level.WARN;
            case INFO -> Level.INFO;
            case DEBUG -> Level.DEBUG;
            case TRACE -> Level.TRACE;
        };
    }

    /** What logback finds through ServiceLoader at the first log line; client commands never get further. */
    public static final class BeforeConfiguration extends ContextAwareBase implements Configurator {
        @Override
        public ExecutionStatus configure(LoggerContext context) {
            apply(context, LogLevel.WARN, LogFormat.TEXT);
            return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
        }
    }
}
