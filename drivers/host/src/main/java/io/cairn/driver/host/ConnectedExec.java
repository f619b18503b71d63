package io.cairn.driver.host;

import io.cairn.core.driver.DriverException;
import io.cairn.core.driver.ExecResult;
import io.cairn.core.driver.ExecSpec;
import io.cairn.proto.journal.Failure;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** A command that runs, connected to this daemon, which is its only client. */
public record ConnectedExec(ExecSpec spec, Session session, End end) {
    private static final long FOREVER_MILLIS = TimeUnit.DAYS.toMillis(3650);
    /** What a command has left behind may hold its output for good. */
    /** Something that the command has left behind may hold its output open for good. A thread that reads may have to wait for a processor. */
    private static final Duration DRAIN = Duration.ofSeconds(2);
    private static final int PIECE_BYTES = 64 * 1024;

    /** How a command ends. */
    @FunctionalInterface
    public interface End {
        /**
         * Waits for it.
         *
         * @return its exit code; none when it still runs after that time
         * @throws IOException nobody has seen how it ended; the message is for the client
         */
        Option<Integer> await(Duration limit) throws IOException, InterruptedException;
    }

    /** Waits for its end or its time limit. The caller closes the session, which ends one that still runs. */
    public ExecResult run() throws IOException, DriverException {
        var stdout = new Collected(session.stdout());
        var stderr = new Collected(session.stderr());
        try {
            long limit = spec.timeoutMillis() == 0 ? FOREVER_MILLIS : spec.timeoutMillis();
            Option<Integer> code = end.await(Duration.ofMillis(limit));
            if (code.isEmpty()) {
                throw Failures.of(Failure.Kind.TIMED_OUT, "command %s in container %s timed out after %d ms", shown(spec), spec.containerId(),
                        spec.timeoutMillis());
            }
            stdout.finish();
            stderr.finish();
            return new ExecResult(code.get(), stdout.kept.bytes(), stderr.kept.bytes());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw Failures.of(Failure.Kind.UNAVAILABLE, "command %s in container %s was interrupted and killed", shown(spec),
                    spec.containerId());
        }
    }

    /** For messages: one line, bounded. */
    public static String shown(ExecSpec spec) {
        String text = spec.command().mkString("\"", " ", "\"").replaceAll("\\p{Cntrl}+", " ");
        return text.length() <= 200 ? text : text.substring(0, 200) + "…";
    }

    /** What comes out of one stream, as far as it can be told of. */
    private static final class Collected {
        final BoundedOutput kept = new BoundedOutput(ExecResult.OUTPUT_BYTES_MAX);
        private final Thread reading;
        private volatile long readNanos = System.nanoTime();

        Collected(InputStream stream) {
            this.reading = Thread.ofVirtual().name("cairn-exec-output").start(() -> read(stream));
        }

        private void read(InputStream stream) {
            byte[] piece = new byte[PIECE_BYTES];
            try {
                for (int count = stream.read(piece); count >= 0; count = stream.read(piece)) {
                    kept.accept(piece, 0, count);
                    readNanos = System.nanoTime();
                }
            } catch (IOException closed) {
                // What came is all there is.
            }
        }

        /** Waits until it ends, or nothing has come for a while. */
        void finish() throws InterruptedException {
            while (!reading.join(DRAIN) && System.nanoTime() - readNanos < DRAIN.toNanos()) {
                // Something came meanwhile.
            }
        }
    }
}
