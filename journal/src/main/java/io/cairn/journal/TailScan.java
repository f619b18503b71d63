package io.cairn.journal;

import io.vavr.control.Option;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * What can be made out behind the last good record of a data file.
 *
 * @param bytes up to the last that is not zero
 * @param records whole frames with a good checksum
 * @param firstSequence the first of them
 * @param durableSequence the highest record any of them says was durable; 0 if there is none
 */
record TailScan(long bytes, long records, Option<Long> firstSequence, long durableSequence) {
    private static final int STEP_BYTES = 1 << 16;
    private static final int ALIGNMENT = 4;
    private static final byte[] ZEROS = new byte[STEP_BYTES];

    /** @param tag frames of another tag are not looked at; none if the epoch's tag is not known */
    static TailScan of(Path data, long from, Option<Long> tag) throws IOException {
        try (FileChannel file = FileChannel.open(data, StandardOpenOption.READ)) {
            var scanner = new Scanner(file, tag);
            scanner.run(from);
            return new TailScan(scanner.lastNonZero - from, scanner.records, scanner.firstSequence, scanner.durableSequence);
        }
    }

    private static final class Scanner {
        private final FileChannel file;
        private final Option<Long> tag;
        private long lastNonZero;
        private long records;
        private Option<Long> firstSequence = Option.none();
        private long durableSequence;

        Scanner(FileChannel file, Option<Long> tag) {
            this.file = file;
            this.tag = tag;
        }

        void run(long from) throws IOException {
            lastNonZero = from;
            byte[] step = new byte[STEP_BYTES];
            long at = from;
            while (true) {
                int length = FrameReader.read(file, at, step);
                int first = notZero(step, 0, length);
                noteNonZero(step, first, length, at);
                long resume = at;
                for (int i = first; i + Frame.HEADER_BYTES <= length; i = notZero(step, i + ALIGNMENT, length)) {
                    if (at + i >= resume) {
                        resume = at + i + frameAt(step, i, at + i);
                    }
                }
                if (length < step.length) {
                    return;
                }
                at = Math.max(at + length - Frame.HEADER_BYTES, resume) & -ALIGNMENT;
            }
        }

        /** Where the next four bytes are that are not all zero, as a frame's first are not: most of a tail is blocks that were only reserved. */
        private static int notZero(byte[] step, int from, int length) {
            int ahead = from >= length ? -1 : Arrays.mismatch(step, from, length, ZEROS, 0, length - from);
            return ahead < 0 ? length : from + ahead & -ALIGNMENT;
        }

        private void noteNonZero(byte[] step, int first, int length, long at) {
            for (int i = length - 1; i >= first; i--) {
                if (step[i] != 0) {
                    lastNonZero = Math.max(lastNonZero, at + i + 1);
                    return;
                }
            }
        }

        /** Length of the good frame that begins here; 0 if there is none. */
        private int frameAt(byte[] step, int index, long at) throws IOException {
            int length = Frame.plausibleLength(step, index, tag);
            if (length == 0) {
                return 0;
            }
            byte[] bytes = new byte[length];
            if (FrameReader.read(file, at, bytes) < length) {
                return 0;
            }
            return Frame.decode(bytes, 0, length).fold(_ -> 0, frame -> {
                records++;
                firstSequence = firstSequence.orElse(Option.of(frame.sequence()));
                durableSequence = Math.max(durableSequence, frame.durableSequence());
                lastNonZero = Math.max(lastNonZero, at + length);
                return length;
            });
        }
    }
}
