package io.cairn.driver.runc;

import io.cairn.linux.Descriptor;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A command with a terminal, which its monitor holds. */
record TerminalExec(RunningExec running, ConmonStreams streams, boolean writable) implements Session {
    @Override
    public OutputStream stdin() {
        return writable ? streams.stdin() : OutputStream.nullOutputStream();
    }

    @Override
    public InputStream stdout() {
        return streams.stdout();
    }

    @Override
    public InputStream stderr() {
        return streams.stderr();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        Descriptor.tell(running.job().control(), "1 %d %d\n".formatted(rows, columns));
    }

    @Override
    public Option<Integer> await() throws IOException {
        return Option.some(running.await());
    }

    @Override
    public void close() {
        running.close();
        streams.close();
    }
}
