package io.cairn.images;

import io.cairn.linux.OpenFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** The bytes of an open file, from where it stands; closing is the file's own. */
final class FileContent extends InputStream {
    private final OpenFile file;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(1 << 16).limit(0);

    FileContent(OpenFile file) {
        this.file = file;
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        if (!buffer.hasRemaining()) {
            int count = file.read(buffer.clear());
            buffer.flip();
            if (count < 0) {
                return -1;
            }
        }
        int count = Math.min(length, buffer.remaining());
        buffer.get(bytes, offset, count);
        return count;
    }
}
