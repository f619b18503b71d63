package io.cairn.journal;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/**
 * A program that opens a journal and appends to it until it is killed, or a number of batches is done: batches of random
 * records, one sync after each, and only then a line {@code sequence seed} for each record of the batch. A record's payload can
 * be told from its seed.
 *
 * <p>After a failure it tries once more and prints {@code refused} if that fails as it must.
 */
final class Appender {
    private static final int LARGE_BYTES = 300 << 10;

    private Appender() {}

    /** @param arguments directory, seed, batches */
    public static void main(String[] arguments) throws Exception {
        var random = new Random(Long.parseLong(arguments[1]));
        long batches = Long.parseLong(arguments[2]);
        JournalOptions options = Scratch.OPTIONS.withEpochBytes(96 << 10);
        try (var out = new FileOutputStream(FileDescriptor.out);
                Journal journal = Journal.open(Path.of(arguments[0]), options, Appender::epochPayload)) {
            print(out, "open " + journal.recovered().head().sequence() + "\n");
            try {
                run(journal, random, batches, out);
            } catch (JournalFailure e) {
                tryAgain(journal, out);
                throw e;
            }
        }
    }

    private static void run(Journal journal, Random random, long batches, FileOutputStream out) throws Exception {
        for (long batch = 0; batch < batches; batch++) {
            var acks = new StringBuilder();
            for (int i = random.nextInt(8); i >= 0; i--) {
                long seed = random.nextLong();
                acks.append(journal.append(payload(seed))).append(' ').append(seed).append('\n');
            }
            journal.sync();
            print(out, acks.toString());
        }
    }

    private static void tryAgain(Journal journal, FileOutputStream out) throws Exception {
        try {
            journal.append(new byte[1]);
        } catch (JournalFailure e) {
            try {
                journal.sync();
            } catch (JournalFailure again) {
                print(out, "refused\n");
            }
        }
    }

    /** First eight bytes the seed, then bytes that follow from it; rarely more than fits into an epoch's usual mapping. */
    static byte[] payload(long seed) {
        var random = new Random(seed);
        int length = random.nextInt(500) == 0 ? LARGE_BYTES : random.nextInt(10) == 0 ? random.nextInt(9000) : random.nextInt(400);
        byte[] bytes = new byte[Long.BYTES + length];
        random.nextBytes(bytes);
        ByteBuffer.wrap(bytes).putLong(0, seed);
        return bytes;
    }

    static byte[] epochPayload(EpochStart start) {
        return ("epoch after " + start.previous().sequence()).getBytes(StandardCharsets.US_ASCII);
    }

    /** Whether a record is one this program can have appended. */
    static boolean isGenuine(JournalRecord record) {
        byte[] epoch = ("epoch after " + (record.sequence() - 1)).getBytes(StandardCharsets.US_ASCII);
        return Arrays.equals(record.payload(), epoch)
                || record.payload().length >= Long.BYTES && Arrays.equals(record.payload(), payload(seedOf(record)));
    }

    static long seedOf(JournalRecord record) {
        return ByteBuffer.wrap(record.payload()).getLong();
    }

    private static void print(FileOutputStream out, String text) throws Exception {
        out.write(text.getBytes(StandardCharsets.US_ASCII));
    }
}
