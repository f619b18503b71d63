package io.cairn.driver.docker.engine;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection that has become a stream: what a process reads and writes. With a terminal the bytes come as they are, else in frames
 * (Docker Engine API, ContainerAttach, "Stream format"). One thread may read while another writes; {@link #close} ends both.
 */
public final class EngineStream implements AutoCloseable {
    private final Answer answer;

    EngineStream(Answer answer) {
        this.answer = answer;
        answer.wire().disarm();
    }

    /** Of the process. */
    public InputStream output() {
        return answer.getBody();
    }

    /** To its standard input. */
    public OutputStream input() {
        return answer.wire().output();
    }

    /** Its standard input has ended; its output goes on. */
    public void closeInput() throws IOException {
        answer.wire().shutdownOutput();
    }

    @Override
    public void close() {
        answer.close();
    }
}
