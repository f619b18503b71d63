package io.cairn.core.projection;

import io.cairn.core.projection.Subjects.Subject;
import io.vavr.collection.Vector;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;

/**
 * The keys that tell which events belong to an entity's history:
 *
 * <pre>
 *   x KIND ID 00 SEQUENCE(8, BE)       no value
 * </pre>
 *
 * No id holds a zero byte, so the rows of one entity lie together, in the order of their events.
 */
final class HistoryIndex {
    static final char LETTER = 'x';

    private HistoryIndex() {}

    static byte[] key(Subject subject, long sequence) {
        byte[] id = subject.id().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(3 + id.length + Long.BYTES).put((byte) LETTER).put((byte) subject.kind().letter()).put(id).put((byte) 0)
                .putLong(sequence).array();
    }

    static boolean isIndex(byte[] key) {
        return key[0] == LETTER;
    }

    static long sequence(byte[] key) {
        return ByteBuffer.wrap(key, key.length - Long.BYTES, Long.BYTES).getLong();
    }

    /** The kind's letter and the id of the entity whose history the row belongs to. */
    static String entity(byte[] key) {
        return new String(key, 1, key.length - 2 - Long.BYTES, StandardCharsets.UTF_8);
    }

    static Vector<Long> sequences(RocksDB db, Subject subject) throws RocksDBException {
        byte[] first = key(subject, 0);
        var sequences = new ArrayList<Long>();
        try (RocksIterator rows = db.newIterator()) {
            for (rows.seek(first); rows.isValid() && isOfSame(rows.key(), first); rows.next()) {
                sequences.add(sequence(rows.key()));
            }
            rows.status();
        }
        return Vector.ofAll(sequences);
    }

    /** Deletes what lies up to a sequence; looks at no more rows than it deletes, and one of each other entity. */
    static void deleteUpTo(RocksDB db, WriteBatch batch, long sequence) throws RocksDBException {
        try (RocksIterator rows = db.newIterator()) {
            rows.seek(new byte[] {LETTER});
            while (rows.isValid() && isIndex(rows.key())) {
                byte[] key = rows.key();
                if (sequence(key) <= sequence) {
                    batch.delete(key);
                    rows.next();
                } else {
                    rows.seek(behindEntity(key));
                }
            }
            rows.status();
        }
    }

    private static byte[] behindEntity(byte[] key) {
        byte[] behind = Arrays.copyOf(key, key.length - Long.BYTES);
        behind[behind.length - 1] = 1;
        return behind;
    }

    private static boolean isOfSame(byte[] key, byte[] first) {
        int prefix = first.length - Long.BYTES;
        return key.length == first.length && Arrays.equals(key, 0, prefix, first, 0, prefix);
    }
}
