package io.cairn.journal;

import io.vavr.control.Either;
import io.vavr.control.Option;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One record as it lies in the file: the whole content of one Chronicle Queue excerpt. Big-endian.
 *
 * <pre>
 *  0        4        8        12         16         24    32             64
 *  +--------+--------+--------+----------+----------+-----+--------------+---------
 *  | "CRN1" | CRC32C | length | unsynced | sequence | tag | previousHash | payload
 *  +--------+--------+--------+----------+----------+-----+--------------+---------
 * </pre>
 *
 * <ul>
 *   <li>CRC32C of every byte from offset 8 to the end of the payload.
 *   <li>length of the payload in bytes.
 *   <li>unsynced: how many records right before this one were not yet synced when it was written. So record
 *       {@code sequence - 1 - unsynced} and all before it were durable: damage there is a loss, damage after it may be a crash.
 *   <li>sequence: from 1, without a gap over all epochs.
 *   <li>tag: random, one per epoch. When frames are searched behind a damaged place, nobody who only chose a payload can
 *       have put one there.
 *   <li>previousHash: SHA-256 of the whole frame before this one, over epochs too; zeros before the first.
 * </ul>
 *
 * @param hash SHA-256 of this whole frame
 */
record Frame(long sequence, long tag, int unsynced, Hash previousHash, Hash hash, byte[] payload) {
    static final int HEADER_BYTES = 64;
    static final int MAX_BYTES = HEADER_BYTES + JournalOptions.MAX_PAYLOAD_BYTES;
    static final int MAGIC = 0x43524e31;

    private static final int CRC_AT = 4;
    private static final int CHECKED_FROM = 8;
    private static final int TAG_AT = 24;

    /** The last record that was durable when this one was written. */
    long durableSequence() {
        return sequence - 1 - unsynced;
    }

    Position position() {
        return new Position(sequence, hash);
    }

    byte[] encode() {
        return encode(sequence, tag, unsynced, previousHash, payload);
    }

    static byte[] encode(long sequence, long tag, int unsynced, Hash previousHash, byte[] payload) {
        byte[] bytes = new byte[HEADER_BYTES + payload.length];
        ByteBuffer.wrap(bytes)
                .putInt(MAGIC)
                .putInt(0)
                .putInt(payload.length)
                .putInt(unsynced)
                .putLong(sequence)
                .putLong(tag)
                .put(previousHash.bytes())
                .put(payload);
        ByteBuffer.wrap(bytes).putInt(CRC_AT, checksum(bytes, 0, bytes.length));
        return bytes;
    }

    /** Reads a frame that fills the range exactly; the left side says what is wrong with it. */
    static Either<String, Frame> decode(byte[] source, int offset, int length) {
        if (length < HEADER_BYTES) {
            return Either.left("expected a frame of at least %d bytes, but found %d".formatted(HEADER_BYTES, length));
        }
        ByteBuffer frame = ByteBuffer.wrap(source, offset, length);
        if (frame.getInt() != MAGIC) {
            return Either.left("expected a frame, but its first four bytes are wrong");
        }
        int storedChecksum = frame.getInt();
        int payloadLength = frame.getInt();
        if (payloadLength != length - HEADER_BYTES) {
            return Either.left("expected a payload of %d bytes, but the frame says %d".formatted(length - HEADER_BYTES, payloadLength));
        }
        if (storedChecksum != checksum(source, offset, length)) {
            return Either.left("the checksum of the frame does not match its bytes");
        }
        int unsynced = frame.getInt();
        long sequence = frame.getLong();
        if (sequence < 1 || unsynced < 0 || unsynced >= sequence) {
            return Either.left("expected a sequence from 1, but found %d with %d unsynced before it".formatted(sequence, unsynced));
        }
        long tag = frame.getLong();
        byte[] previous = new byte[Hash.BYTES];
        frame.get(previous);
        byte[] payload = Arrays.copyOfRange(source, offset + HEADER_BYTES, offset + length);
        return Either.right(new Frame(sequence, tag, unsynced, Hash.of(previous), Hash.sha256(source, offset, length), payload));
    }

    /** Length of the frame that may begin here, or 0 if none of this tag can; at least {@link #HEADER_BYTES} must be there. */
    static int plausibleLength(byte[] source, int offset, Option<Long> tag) {
        ByteBuffer frame = ByteBuffer.wrap(source);
        if (frame.getInt(offset) != MAGIC || tag.exists(known -> known != frame.getLong(offset + TAG_AT))) {
            return 0;
        }
        int payloadLength = frame.getInt(offset + CHECKED_FROM);
        return payloadLength < 0 || payloadLength > JournalOptions.MAX_PAYLOAD_BYTES ? 0 : HEADER_BYTES + payloadLength;
    }

    private static int checksum(byte[] bytes, int offset, int length) {
        var crc = new CRC32C();
        crc.update(bytes, offset + CHECKED_FROM, length - CHECKED_FROM);
        return (int) crc.getValue();
    }
}
