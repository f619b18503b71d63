package io.cairn.driver.containerd.io;

import io.cairn.linux.PlainFile;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/**
 * How far the output has come. Offsets count a stream's bytes from the container's start; a spool holds those from its base on.
 *
 * <pre>
 *  0  "CAIRNCUR"
 *  8  base of stdout        16  consumed of stdout
 * 24  base of stderr        32  consumed of stderr
 * 40  device of the log     48  inode of the log      56  its length
 * 64  CRC32C of the bytes before
 * </pre>
 *
 * <p>It is written in place: so few bytes in one page are written by one pwrite(2) or not at all, whenever the process is killed.
 */
record Cursor(Position stdout, Position stderr, LogMark log) {
    static final int BYTES = 68;
    private static final long MAGIC = 0x434149524e435552L;
    private static final int CHECKED_BYTES = BYTES - Integer.BYTES;
    static final Cursor START = new Cursor(Position.START, Position.START, LogMark.NONE);

    /** @param consumed what is before it has been written to the log */
    record Position(long base, long consumed) {
        static final Position START = new Position(0, 0);

        boolean isPossible() {
            return base >= 0 && consumed >= base;
        }
    }

    /** Which file the log was, and how long when all that is consumed, and nothing else, had been written to it. */
    record LogMark(long device, long inode, long lengthBytes) {
        static final LogMark NONE = new LogMark(0, 0, 0);
    }

    Position of(Stream stream) {
        return stream == Stream.STDOUT ? stdout : stderr;
    }

    void write(PlainFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);
        bytes.putLong(MAGIC).putLong(stdout.base()).putLong(stdout.consumed()).putLong(stderr.base()).putLong(stderr.consumed());
        bytes.putLong(log.device()).putLong(log.inode()).putLong(log.lengthBytes());
        bytes.putInt(checksum(bytes)).flip();
        file.write(0, bytes);
    }

    /** None when the file does not hold a cursor. */
    static Option<Cursor> read(PlainFile file) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocateDirect(BYTES);
        if (file.read(0, bytes) != BYTES || bytes.getLong(0) != MAGIC || bytes.getInt(CHECKED_BYTES) != checksum(bytes)) {
            return Option.none();
        }
        bytes.position(Long.BYTES);
        var stdout = new Position(bytes.getLong(), bytes.getLong());
        var stderr = new Position(bytes.getLong(), bytes.getLong());
        var cursor = new Cursor(stdout, stderr, new LogMark(bytes.getLong(), bytes.getLong(), bytes.getLong()));
        return Option.when(stdout.isPossible() && stderr.isPossible(), cursor);
    }

    private static int checksum(ByteBuffer bytes) {
        var crc = new CRC32C();
        crc.update(bytes.duplicate().position(0).limit(CHECKED_BYTES));
        return (int) crc.getValue();
    }
}
