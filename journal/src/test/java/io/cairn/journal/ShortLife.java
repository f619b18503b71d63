package io.cairn.journal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A program that opens a journal, appends and syncs until the epoch was rolled and an old one deleted, and closes it. */
final class ShortLife {
    private static final long EPOCH_BYTES = 6 << 10;
    private static final int PAYLOAD_BYTES_MIN = 1500;

    private ShortLife() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[0]);
        JournalOptions options = Scratch.OPTIONS.withEpochBytes(EPOCH_BYTES).withMaxTotalBytes(2 * EPOCH_BYTES);
        try (var out = new FileOutputStream(FileDescriptor.out);
                Journal journal = Journal.open(directory, options, Appender::epochPayload)) {
            EpochFiles opened = Scratch.newestEpoch(directory);
            for (long seed = 1; opened.equals(Scratch.newestEpoch(directory)); seed++) {
                byte[] payload = Appender.payload(seed);
                if (payload.length > PAYLOAD_BYTES_MIN && payload.length < EPOCH_BYTES) {
                    long sequence = journal.append(payload);
                    journal.sync();
                    out.write((sequence + " " + seed + "\n").getBytes(StandardCharsets.US_ASCII));
                }
            }
        }
    }
}
