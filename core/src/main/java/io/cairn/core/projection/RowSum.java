package io.cairn.core.projection;

import io.cairn.proto.journal.SnapshotTaken;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * All rows of a projection in one value.
 *
 * @param count how many there are
 * @param hash as {@link SnapshotTaken} defines it
 */
public record RowSum(long count, byte[] hash) {
    static RowSum of(Projection projection) throws RocksDBException {
        MessageDigest digest = sha256();
        ByteBuffer length = ByteBuffer.allocate(Integer.BYTES);
        long count = 0;
        try (RocksIterator rows = projection.rows()) {
            for (rows.seekToFirst(); rows.isValid(); rows.next()) {
                add(digest, length, rows.key());
                add(digest, length, rows.value());
                count++;
            }
            // An iterator that meets a damaged block looks like one that is at its end.
            rows.status();
        }
        return new RowSum(count, digest.digest());
    }

    private static void add(MessageDigest digest, ByteBuffer length, byte[] bytes) {
        digest.update(length.clear().putInt(bytes.length).flip());
        digest.update(bytes);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("Every Java platform has SHA-256 (MessageDigest, Javadoc)", e);
        }
    }
}
