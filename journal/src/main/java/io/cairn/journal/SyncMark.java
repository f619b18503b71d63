package io.cairn.journal;

import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * The last record of an epoch that is known to be synced, in a file of its own beside the data. Big-endian, within one
 * sector.
 *
 * <pre>
 *  0        4        8          16    24       32     64
 *  +--------+--------+----------+-----+--------+------+
 *  | "CRNS" | CRC32C | sequence | tag | lastAt | hash |
 *  +--------+--------+----------+-----+--------+------+
 * </pre>
 *
 * lastAt: when the epoch was closed, where its last record begins in the data file (1 in marks of an earlier form, which did
 * not tell); 0 until then. So a start after an orderly end looks at one record instead of all.
 *
 * <p>It is rewritten after each sync and not synced itself: a killed process leaves it exact, a power cut leaves an older one,
 * which is never ahead of the data. It is synced once when the epoch is made (from then on the epoch counts) and once when it
 * is closed.
 */
record SyncMark(Position synced, long tag, long lastAt) {
    static final int BYTES = 64;

    private static final int MAGIC = 0x43524e53;
    private static final int CRC_AT = 4;
    private static final int CHECKED_FROM = 8;

    /** What the file says. */
    sealed interface State {
        record Valid(SyncMark mark) implements State {}

        /** No file, or one that never got its content: the epoch was being made when power failed. */
        record Unwritten() implements State {}

        record Damaged() implements State {}
    }

    boolean closed() {
        return lastAt > 0;
    }

    /** Where the last record begins, if the epoch was closed and the mark tells. */
    Option<Long> lastRecordAt() {
        return Option.when(lastAt > 1, lastAt);
    }

    /** Whether the frame cannot be of the epoch this mark speaks of. */
    boolean contradicts(Frame frame) {
        return tag != frame.tag() || synced.sequence() == frame.sequence() && !synced.hash().equals(frame.hash());
    }

    byte[] encode() {
        byte[] bytes = new byte[BYTES];
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        buffer.putInt(MAGIC).putInt(0).putLong(synced.sequence()).putLong(tag).putLong(lastAt).put(synced.hash().bytes());
        buffer.putInt(CRC_AT, checksum(bytes));
        return bytes;
    }

    static State read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new State.Unwritten();
        }
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(BYTES);
        }
        ByteBuffer buffer = ByteBuffer.wrap(bytes);
        if (bytes.length < BYTES || buffer.equals(ByteBuffer.allocate(BYTES))) {
            return new State.Unwritten();
        }
        if (buffer.getInt() != MAGIC || buffer.getInt() != checksum(bytes)) {
            return new State.Damaged();
        }
        long sequence = buffer.getLong();
        long tag = buffer.getLong();
        long lastAt = buffer.getLong();
        byte[] hash = new byte[Hash.BYTES];
        buffer.get(hash);
        return new State.Valid(new SyncMark(new Position(sequence, Hash.of(hash)), tag, lastAt));
    }

    private static int checksum(byte[] bytes) {
        var crc = new CRC32C();
        crc.update(bytes, CHECKED_FROM, BYTES - CHECKED_FROM);
        return (int) crc.getValue();
    }
}
