package io.cairn.images;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import io.cairn.images.registry.Digest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.util.function.BooleanSupplier;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/**
 * A layer as the uncompressed archive it is: hashed and counted while it is read. How it is packed is told by its first
 * bytes and not by its media type, which registries and builders get wrong.
 */
final class LayerStream extends InputStream {
    /** How many bytes tell how a layer is packed. */
    static final int MAGIC_BYTES = 4;

    private static final int BUFFER_BYTES = 128 * 1024;
    private static final int ZSTD_MAGIC = 0xfd2fb528;

    private final InputStream in;
    private final MessageDigest hasher;
    private final long maxBytes;
    private long count;

    /** @param maxBytes uncompressed; a byte more is a {@link BadLayerException} */
    LayerStream(InputStream packed, Digest diffId, long maxBytes) throws IOException {
        this.in = new BufferedInputStream(unpacked(new BufferedInputStream(packed, BUFFER_BYTES)), BUFFER_BYTES);
        this.hasher = diffId.hasher();
        this.maxBytes = maxBytes;
    }

    private static InputStream unpacked(BufferedInputStream packed) throws IOException {
        packed.mark(MAGIC_BYTES);
        byte[] magic = packed.readNBytes(MAGIC_BYTES);
        packed.reset();
        if (magic.length >= 3 && magic[0] == 0x1f && magic[1] == (byte) 0x8b && magic[2] == 8) {
            // Several members one after the other, as eStargz and pigz write them, are one layer.
            return GzipCompressorInputStream.builder().setInputStream(packed).setDecompressConcatenated(true).get();
        }
        return isZstd(magic) ? zstd(packed) : packed;
    }

    /** By the first {@link #MAGIC_BYTES}, or fewer of a shorter one. */
    static boolean isZstd(byte[] magic) {
        int word = magic.length < MAGIC_BYTES ? 0 : ByteBuffer.wrap(magic).order(ByteOrder.LITTLE_ENDIAN).getInt();
        boolean skippable = (word & 0xfffffff0) == 0x184d2a50;
        return word == ZSTD_MAGIC || skippable;
    }

    private static InputStream zstd(InputStream packed) throws IOException {
        try {
            return new ZstdInputStreamNoFinalizer(packed).setContinuous(false);
        } catch (LinkageError e) {
            throw new IOException("Expected to load the native zstd library, from java.library.path or unpacked to java.io.tmpdir, but "
                    + e.getMessage(), e);
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : Byte.toUnsignedInt(one[0]);
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = readPacked(target, offset, length);
        if (read > 0) {
            hasher.update(target, offset, read);
            count += read;
            if (count > maxBytes) {
                throw new BadLayerException("Expected at most %d bytes in the uncompressed layer, but it goes on".formatted(maxBytes));
            }
        }
        return read;
    }

    private int readPacked(byte[] target, int offset, int length) throws IOException {
        try {
            return in.read(target, offset, length);
        } catch (IOException e) {
            throw new BadLayerException("Expected a layer that can be decompressed, but after %d bytes: %s"
                    .formatted(count, e.getMessage()));
        }
    }

    /** Reads what follows the archive (it counts for the digest) and gives the hash of all. */
    byte[] finish(BooleanSupplier stop) throws IOException {
        byte[] rest = new byte[BUFFER_BYTES];
        while (read(rest) >= 0) {
            if (stop.getAsBoolean()) {
                throw new InterruptedIOException("unpacking was stopped");
            }
        }
        return hasher.digest();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
