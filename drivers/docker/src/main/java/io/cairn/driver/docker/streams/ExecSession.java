package io.cairn.driver.docker.streams;

import io.cairn.streaming.Endpoint.Stdio;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command and the client it ends with. */
final class ExecSession implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(ExecSession.class);
    private static final Duration WAIT_MAX = Duration.ofMinutes(10);
    /** After the command's end, for what is under way; who was left behind and holds its output keeps nobody waiting. */
    private static final long SILENCE_MILLIS = 2_000;

    private final RunningExec running;
    private final Stdio stdio;
    private final AtomicBoolean closed = new AtomicBoolean();

    ExecSession(RunningExec running, Stdio stdio) {
        this.running = running;
        this.stdio = stdio;
        // The engine was asked for both: only then it tells why a command could not be run.
        if (!stdio.stdout()) {
            running.delivery().stdout().close();
        }
        if (!stdio.stderr()) {
            running.delivery().stderr().close();
        }
    }

    @Override
    public OutputStream stdin() {
        return stdio.stdin() ? running.input() : OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
        return running.delivery().stdout();
    }

    @Override
    public InputStream stderr() {
        return running.delivery().stderr();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        running.resize(columns, rows);
    }

    @Override
    public Option<Integer> await() throws IOException, InterruptedException {
        try {
            while (true) {
                Option<Integer> code = running.await(WAIT_MAX);
                if (code.isDefined()) {
                    return code;
                }
            }
        } finally {
            running.delivery().giveUpAfter(SILENCE_MILLIS);
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            running.close();
        } catch (IOException e) {
            LOG.warn("What is left of a command could not be taken away: {}", e.getMessage());
        }
    }
}
