package io.cairn.driver.containerd.io;

import io.cairn.linux.Descriptor;
import io.cairn.streaming.Session;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A client at a container's main process.
 *
 * @param shared the input that all clients have together
 * @param input none when he cannot write
 * @param terminal sizes are only of use there
 */
record Attachment(Client client, Stdin shared, Option<Descriptor> input, Task task, boolean terminal) implements Session {
    @Override
    public OutputStream stdin() {
        return input.<OutputStream>map(descriptor -> new ClosingOutput(descriptor, () -> shared.left(descriptor)))
                .getOrElse(OutputStream::nullOutputStream);
    }

    @Override
    public InputStream stdout() {
        return client.stdout();
    }

    @Override
    public InputStream stderr() {
        return client.stderr();
    }

    @Override
    public void resize(int columns, int rows) throws IOException {
        if (terminal) {
            task.resize(columns, rows);
        }
    }

    @Override
    public Option<Integer> await() throws IOException, InterruptedException {
        client.await();
        return Option.none();
    }

    @Override
    public void close() {
        client.close();
        input.forEach(shared::left);
    }
}
