package io.cairn.images;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A blob on its way into a file. Not synced: it is unpacked and deleted, or worthless. */
final class Spool implements Arrival<Path> {
    private final Path path;
    private final FileChannel file;
    private final LongConsumer received;
    private long length;
    private boolean arrived;

    /** @param received told the length so far */
    Spool(Path path, LongConsumer received) throws IOException {
        this.path = path;
        this.file = Durable.create(path);
        this.received = received;
    }

    @Override
    public void restart() throws IOException {
        file.truncate(0);
        length = 0;
    }

    @Override
    public void write(byte[] bytes, int count) throws IOException {
        ByteBuffer rest = ByteBuffer.wrap(bytes, 0, count);
        while (rest.hasRemaining()) {
            file.write(rest);
        }
        length += count;
        received.accept(length);
    }

    @Override
    public Path arrived() {
        arrived = true;
        return path;
    }

    @Override
    public void close() throws IOException {
        file.close();
        if (!arrived) {
            Files.deleteIfExists(path);
        }
    }
}
