package io.cairn.journal;

import io.vavr.control.Option;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

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
                noteNonZero(step, length, at);
                long resume = at;
                for (int i = 0; i + Frame.HEADER_BYTES <= length; i += ALIGNMENT) {
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

        private void noteNonZero(byte[] step, int length, long at) {
            for (int i = length - 1; i >= 0; i--) {
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
