package io.cairn.images;

import io.cairn.images.registry.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongConsumer;

/**
 * A layer that was downloaded into a file and is unpacked by somebody else.
 *
 * @param file as it came
 */
public record PackedLayer(Path file) {
    private static final int BUFFER_BYTES = 128 * 1024;

    /** One on its way into this file, which must not be there; it is not synced. @param received told the length so far */
    public static Arrival<Path> arriving(Path file, LongConsumer received) throws IOException {
        return new Spool(file, received);
    }

    /** Whether it is packed in a way that older programs do not know. */
    public boolean isZstd() throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return LayerStream.isZstd(in.readNBytes(LayerStream.MAGIC_BYTES));
        }
    }

    /**
     * Reads it to the end.
     *
     * @throws BadLayerException when it does not unpack to what its digest says, or is too long
     */
    public void check(Digest diffId) throws IOException {
        read(diffId, (_, _) -> {});
    }

    /**
     * Unpacks it into a file that must not be there; it is not synced.
     *
     * @throws BadLayerException as {@link #check}
     */
    public void unpack(Digest diffId, Path plain) throws IOException {
        try (FileChannel target = Durable.create(plain)) {
            read(diffId, (bytes, count) -> {
                for (ByteBuffer rest = ByteBuffer.wrap(bytes, 0, count); rest.hasRemaining(); ) {
                    target.write(rest);
                }
            });
        }
    }

    private interface Piece {
        void take(byte[] bytes, int count) throws IOException;
    }

    private void read(Digest diffId, Piece piece) throws IOException {
        byte[] buffer = new byte[BUFFER_BYTES];
        try (var stream = new LayerStream(new BufferedInputStream(Files.newInputStream(file)), diffId, ImageLimits.MAX_LAYER_BYTES)) {
            for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
                piece.take(buffer, count);
            }
            if (!diffId.matches(stream.finish(() -> false))) {
                throw new BadLayerException("Expected the layer to unpack to %s, as the image's configuration says, but it does not".formatted(diffId));
            }
        }
    }
}
