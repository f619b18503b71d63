package io.cairn.images;

import io.cairn.images.registry.BlobSink;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/** A blob on its way into a file. Not synced: it is unpacked and deleted, or worthless. */
final class Spool implements BlobSink, AutoCloseable {
    private final FileChannel file;
    private final LongConsumer received;
    private long length;

    /** @param received told the length so far */
    Spool(Path path, LongConsumer received) throws IOException {
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
    public void close() throws IOException {
        file.close();
    }
}
