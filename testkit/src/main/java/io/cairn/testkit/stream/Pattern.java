package io.cairn.testkit.stream;

import java.io.IOException;
import java.io.InputStream;
import java.util.Random;

/** A long stream of bytes, the same for a seed, of which no two stretches are alike. */
public final class Pattern {
    private static final int PIECE_BYTES = 31 * 1024;

    private Pattern() {}

    public interface Sink {
        void accept(byte[] bytes, int length) throws Exception;
    }

    public static void send(long seed, long bytes, Sink sink) throws Exception {
        var random = new Random(seed);
        byte[] piece = new byte[PIECE_BYTES];
        for (long left = bytes; left > 0; left -= piece.length) {
            random.nextBytes(piece);
            sink.accept(piece, (int) Math.min(left, piece.length));
        }
    }

    /** @return where the stream first differs from the pattern, or how long both are */
    public static long match(long seed, InputStream stream) throws IOException {
        var random = new Random(seed);
        byte[] wanted = new byte[PIECE_BYTES];
        long at = 0;
        while (true) {
            random.nextBytes(wanted);
            byte[] got = stream.readNBytes(PIECE_BYTES);
            for (int i = 0; i < got.length; i++) {
                if (got[i] != wanted[i]) {
                    return at + i;
                }
            }
            at += got.length;
            if (got.length < PIECE_BYTES) {
                return at;
            }
        }
    }
}
