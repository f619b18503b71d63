package io.cairn.driver.containerd.io;

import io.cairn.linux.Descriptor;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command and the client it ends with. */
final class ExecSession implements Session {
    private static final Logger LOG = LoggerFactory.getLogger(ExecSession.class);
    /** After the command's end, for what is in the FIFOs; who was left behind and holds its output keeps nobody waiting. */
    private static final long SILENCE_MILLIS = 500;

    private final ExecStreams streams;
    private final ExecTask task;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean ended;

    ExecSession(ExecStreams streams, ExecTask task) {
        this.streams = streams;
        this.task = task;
    }

    @Override
    public OutputStream stdin() {
        return streams.stdin().<OutputStream>map(fifo -> new ClosingOutput(fifo, () -> {
            fifo.close();
            task.closeStdin();
        })).getOrElse(OutputStream::nullOutputStream);
    }

    @Override
    public InputStream stdout() {
        return streams.stdout().map(Descriptor::input).getOrElse(InputStream::nullInputStream);
    }

    @Override
    public InputStream stderr() {
        return streams.stderr().map(Descriptor::input).getOrElse(InputStream::nullInputStream);
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        task.resize(columns, rows);
    }

    @Override
    public Option<Integer> await() throws IOException, InterruptedException {
        try {
            int exitCode = task.await();
            ended = true;
            return Option.some(exitCode);
        } finally {
            streams.stdout().forEach(fifo -> fifo.giveUpAfter(SILENCE_MILLIS));
            streams.stderr().forEach(fifo -> fifo.giveUpAfter(SILENCE_MILLIS));
        }
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            streams.close();
            if (!ended) {
                task.abandon();
            }
        } catch (IOException e) {
            LOG.warn("What is left of a command could not be taken away: {}", e.getMessage());
        }
    }
}
