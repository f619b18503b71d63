package io.cairn.journal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Walks the excerpts of one {@code .cq4} file with pread: nothing is mapped, so a truncated or wrecked file cannot fault, and
 * no length in it is believed before it was bounded. Chronicle's own reader trusts every header.
 *
 * <pre>
 *  an excerpt, 4-byte aligned, little-endian header:
 *   bit 31: not complete | bit 30: meta data | bits 29..0: length of what follows, padding not counted
 *  a header of 0: nothing was written from here on
 * </pre>
 *
 * Source: net.openhft.chronicle.wire.Wires and AbstractWire.updateHeader. Not thread-safe.
 */
final class FrameReader implements AutoCloseable {
    static final int EXCERPT_HEADER_BYTES = 4;

    private static final int NOT_COMPLETE = 1 << 31;
    private static final int META_DATA = 1 << 30;
    private static final int LENGTH_MASK = META_DATA - 1;
    private static final int WINDOW_BYTES = 1 << 16;

    private final FileChannel file;
    private byte[] window = new byte[WINDOW_BYTES];
    private long windowStart;
    private int windowLength;
    private long offset;
    private boolean framesBegan;

    private FrameReader(FileChannel file) {
        this.file = file;
    }

    /** What lies at the current place. */
    sealed interface Step {
        /** A frame whose checksum holds; {@code end} is where the next excerpt begins. */
        record Found(Frame frame, long end) implements Step {}

        /** Nothing yet. */
        record End(long offset) implements Step {}

        /** Something that is not a whole frame. */
        record Bad(long offset, String why) implements Step {}
    }

    static FrameReader open(Path file) throws IOException {
        return new FrameReader(FileChannel.open(file, StandardOpenOption.READ));
    }

    static long excerptBytes(int frameBytes) {
        return align(EXCERPT_HEADER_BYTES + (long) frameBytes);
    }

    /** Reads the next frame and goes past it; stays where it is on anything else, so that it can be called again. */
    Step next() throws IOException {
        while (true) {
            if (load(offset, EXCERPT_HEADER_BYTES) < EXCERPT_HEADER_BYTES) {
                forget();
                return new Step.End(offset);
            }
            int header = ByteBuffer.wrap(window).order(ByteOrder.LITTLE_ENDIAN).getInt(inWindow(offset));
            if (header == 0) {
                forget();
                return new Step.End(offset);
            }
            int length = header & LENGTH_MASK;
            if ((header & NOT_COMPLETE) != 0) {
                return bad("an excerpt was begun and never finished");
            }
            if ((header & META_DATA) == 0) {
                return frame(length);
            }
            if (framesBegan || beginsLikeFrame()) {
                return bad("expected a record, but found meta data");
            }
            offset = align(offset + EXCERPT_HEADER_BYTES + length);
        }
    }

    private boolean beginsLikeFrame() throws IOException {
        long start = offset + EXCERPT_HEADER_BYTES;
        return load(start, Integer.BYTES) == Integer.BYTES && ByteBuffer.wrap(window).getInt(inWindow(start)) == Frame.MAGIC;
    }

    private Step frame(int length) throws IOException {
        if (length > Frame.MAX_BYTES) {
            return bad("expected a frame of at most %d bytes, but found %d".formatted(Frame.MAX_BYTES, length));
        }
        long start = offset + EXCERPT_HEADER_BYTES;
        if (load(start, length) < length) {
            return bad("the file ends within the record");
        }
        return Frame.decode(window, inWindow(start), length).fold(this::bad, frame -> {
            framesBegan = true;
            offset = align(start + length);
            return new Step.Found(frame, offset);
        });
    }

    private Step bad(String why) {
        forget();
        return new Step.Bad(offset, why);
    }

    /** What was read may be about to change under a live appender: read it again next time. */
    private void forget() {
        windowLength = 0;
    }

    /** Bytes from {@code from} on that are in the window afterwards, up to {@code length}. */
    private int load(long from, int length) throws IOException {
        if (from >= windowStart && from + length <= windowStart + windowLength) {
            return length;
        }
        int wanted = Math.max(WINDOW_BYTES, length);
        if (window.length < wanted || window.length > WINDOW_BYTES && length <= WINDOW_BYTES) {
            window = new byte[wanted];
        }
        windowStart = from;
        windowLength = read(file, from, window);
        return Math.min(length, windowLength);
    }

    private int inWindow(long at) {
        return (int) (at - windowStart);
    }

    /** Fills the buffer as far as the file goes. */
    static int read(FileChannel file, long from, byte[] into) throws IOException {
        ByteBuffer buffer = ByteBuffer.wrap(into);
        while (buffer.hasRemaining()) {
            if (file.read(buffer, from + buffer.position()) <= 0) {
                break;
            }
        }
        return buffer.position();
    }

    /** Where the next excerpt begins. */
    long offset() {
        return offset;
    }

    /** Goes back to an excerpt that was read as a frame but is not to be taken. */
    void seek(long excerpt) {
        offset = excerpt;
        forget();
    }

    private static long align(long at) {
        return (at + 3) & ~3L;
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
