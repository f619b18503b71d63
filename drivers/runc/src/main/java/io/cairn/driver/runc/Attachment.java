package io.cairn.driver.runc;

import io.cairn.linux.Descriptor;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * A client at a container's main process.
 *
 * @param control conmon's pipe for orders; none where there is no terminal
 */
record Attachment(ConmonStreams streams, Option<Path> control) implements Session {
    @Override
    public OutputStream stdin() {
        return streams.stdin();
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
        for (Path pipe : control) {
            Descriptor.tell(pipe, "1 %d %d\n".formatted(rows, columns));
        }
    }

    @Override
    public Option<Integer> await() throws InterruptedException {
        streams.awaitEnd();
        return Option.none();
    }

    @Override
    public void close() {
        streams.close();
    }
}
