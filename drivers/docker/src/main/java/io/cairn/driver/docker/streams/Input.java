package io.cairn.driver.docker.streams;

import io.cairn.driver.docker.engine.EngineStream;
import java.io.IOException;
import java.io.OutputStream;

/** The input of a process, over its connection. */
final class Input extends OutputStream {
    private final EngineStream connection;
    private final boolean ends;

    /**
     * @param ends closing it ends the input of the process. Where it does not, the connection stays as it is: the engine, which hears one half
     *     of it end, would end the other, and with it the output, wherever it may not end the input
     */
    Input(EngineStream connection, boolean ends) {
        this.connection = connection;
        this.ends = ends;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
        connection.input().write(bytes, from, length);
    }

    @Override
    public void close() throws IOException {
        if (ends) {
            connection.closeInput();
        }
    }
}
