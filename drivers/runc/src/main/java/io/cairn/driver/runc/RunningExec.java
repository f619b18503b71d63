package io.cairn.driver.runc;

import com.fasterxml.jackson.databind.JsonNode;
import io.cairn.core.driver.DriverException;
import io.cairn.driver.host.FileTrees;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A command that runs under its monitor: its end, and how it is brought about. */
final class RunningExec {
    private static final Logger LOG = LoggerFactory.getLogger(RunningExec.class);
    /** For the monitor to say how a command ended that was killed. */
    private static final long LAST_WORD_MILLIS = 5_000;

    private final Backend backend;
    private final Container container;
    private final Conmon.Execution job;
    private final ConmonAnswers answers;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean ended;

    RunningExec(Backend backend, Container container, Conmon.Execution job, ConmonAnswers answers) {
        this.backend = backend;
        this.container = container;
        this.job = job;
        this.answers = answers;
    }

    Conmon.Execution job() {
        return job;
    }

    /** @throws IOException nobody has seen how it ended */
    int await() throws IOException {
        try {
            JsonNode answer = answers.next();
            if (!answer.path("data").isIntegralNumber()) {
                throw new IOException("nobody saw how the command ended: its monitor is gone");
            }
            return answer.path("data").asInt();
        } finally {
            ended = true;
            answers.pipe().close();
        }
    }

    /** Ends a command that still runs, with what it has started, and takes its files away. */
    void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        try {
            if (!ended) {
                new Execs(backend).end(container, job);
                answers.pipe().giveUpAfter(LAST_WORD_MILLIS);
            }
            FileTrees.delete(job.directory());
        } catch (IOException | DriverException e) {
            LOG.warn("What is left of command {} in container {} could not be taken away: {}", job.execId(), job.containerId(), e.getMessage());
        }
    }
}
