package io.cairn.driver.runc;

import io.cairn.driver.host.Command;
import io.cairn.linux.Descriptor;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** A command whose input and output are our pipes. */
record PipedExec(RunningExec running, Option<Descriptor> in, Option<Descriptor> out, Option<Descriptor> err) implements Session {
    @Override
    public OutputStream stdin() {
        return in.map(Descriptor::output).getOrElse(OutputStream::nullOutputStream);
    }

    @Override
    public InputStream stdout() {
        return out.map(Descriptor::input).getOrElse(InputStream::nullInputStream);
    }

    @Override
    public InputStream stderr() {
        return err.map(Descriptor::input).getOrElse(InputStream::nullInputStream);
    }

    @Override
    public void resize(int columns, int rows) {
        // There is no terminal.
    }

    /** Who was left behind by the command and holds its output keeps nobody waiting, once what was written is read. */
    @Override
    public Option<Integer> await() throws IOException {
        try {
            return Option.some(running.await());
        } finally {
            out.forEach(pipe -> pipe.giveUpAfter(Command.DRAIN.toMillis()));
            err.forEach(pipe -> pipe.giveUpAfter(Command.DRAIN.toMillis()));
        }
    }

    @Override
    public void close() {
        running.close();
        in.forEach(Descriptor::close);
        out.forEach(Descriptor::close);
        err.forEach(Descriptor::close);
    }
}
