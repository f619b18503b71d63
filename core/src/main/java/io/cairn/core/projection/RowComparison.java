package io.cairn.core.projection;

import io.cairn.core.projection.Subjects.Kind;
import io.vavr.control.Option;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;

/**
 * Two projections, byte for byte.
 *
 * @param rows how many were compared
 * @param difference the first row that is not the same in both, in words; none if there is none
 */
public record RowComparison(long rows, Option<String> difference) {
    /** @param expected what the events say */
    public static RowComparison of(Projection expected, Projection found) throws RocksDBException {
        long rows = 0;
        try (RocksIterator left = expected.rows(); RocksIterator right = found.rows()) {
            left.seekToFirst();
            right.seekToFirst();
            Option<String> difference = difference(left, right);
            while (difference.isEmpty() && left.isValid()) {
                rows++;
                left.next();
                right.next();
                difference = difference(left, right);
            }
            left.status();
            right.status();
            return new RowComparison(rows, difference);
        }
    }

    private static Option<String> difference(RocksIterator expected, RocksIterator found) {
        if (!expected.isValid() && !found.isValid()) {
            return Option.none();
        }
        int order = !expected.isValid() ? 1 : !found.isValid() ? -1 : Arrays.compareUnsigned(expected.key(), found.key());
        if (order < 0) {
            return Option.some(name(expected.key()) + " is missing");
        }
        if (order > 0) {
            return Option.some(name(found.key()) + " follows from no event");
        }
        return Option.when(!Arrays.equals(expected.value(), found.value()), () -> name(expected.key()) + " is not what the events say");
    }

    private static String name(byte[] key) {
        if (HistoryIndex.isIndex(key) && key.length > 2 + Long.BYTES) {
            String entity = HistoryIndex.entity(key);
            return "the row that puts event %d into the history of %s %s".formatted(HistoryIndex.sequence(key), kind(entity.charAt(0)),
                    entity.substring(1));
        }
        String text = new String(key, StandardCharsets.UTF_8);
        return text.equals("m") ? "the row that says up to where the rows are" : "the row of %s %s".formatted(kind(text.charAt(0)), text.substring(1));
    }

    private static String kind(char letter) {
        for (Kind kind : Kind.values()) {
            if (kind.letter() == letter) {
                return kind.name().toLowerCase(java.util.Locale.ROOT);
            }
        }
        return "an unknown kind '" + letter + "'";
    }
}
