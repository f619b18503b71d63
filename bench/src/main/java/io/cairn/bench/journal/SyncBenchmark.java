package io.cairn.bench.journal;

import io.cairn.journal.Journal;
import io.cairn.journal.JournalOptions;
import io.cairn.linux.DurableFiles;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a durable record costs beside the least it can cost: the same bytes written to a reserved file with one fdatasync.
 * The two take turns, so that a disk that slows down slows both; for the same reason this is no JMH benchmark.
 */
final class SyncBenchmark {
    private static final int ROUNDS = 24_000;
    private static final int PAYLOAD_BYTES = 500;
    private static final int FRAME_HEADER_BYTES = 64 + 4;

    private SyncBenchmark() {}

    /** @param factor p50 of append and sync over p50 of the bare write and fdatasync */
    record Result(double factor, String text) {}

    static Result run(Path directory) throws Exception {
        byte[] payload = new byte[PAYLOAD_BYTES];
        byte[] bare = new byte[PAYLOAD_BYTES + FRAME_HEADER_BYTES];
        Arrays.fill(bare, (byte) 1);
        long[] bareNanos = new long[ROUNDS];
        long[] journalNanos = new long[ROUNDS];
        try (var handle = DurableFiles.openOrCreate(directory.resolve("bare"));
                Journal journal = Journal.open(directory.resolve("synced"), JournalOptions.defaults(), _ -> payload)) {
            handle.reserve(0, (long) ROUNDS * bare.length);
            handle.syncData();
            for (int i = 0; i < ROUNDS; i++) {
                long start = System.nanoTime();
                handle.write((long) i * bare.length, bare);
                handle.syncData();
                long middle = System.nanoTime();
                journal.append(payload);
                journal.sync();
                bareNanos[i] = middle - start;
                journalNanos[i] = System.nanoTime() - middle;
            }
        }
        long[] least = warm(bareNanos);
        long[] ours = warm(journalNanos);
        double factor = at(ours, 0.5) / at(least, 0.5);
        return new Result(factor, "append and sync of %d bytes: p50 %.0f µs, p99 %.0f µs; bare fdatasync: p50 %.0f µs, p99 %.0f µs; factor %.2f"
                .formatted(PAYLOAD_BYTES, at(ours, 0.5), at(ours, 0.99), at(least, 0.5), at(least, 0.99), factor));
    }

    /** Sorted, without the first half: a method must have run some thousand times before the optimising compiler takes it up. */
    private static long[] warm(long[] nanos) {
        long[] sorted = Arrays.copyOfRange(nanos, nanos.length / 2, nanos.length);
        Arrays.sort(sorted);
        return sorted;
    }

    private static double at(long[] sorted, double share) {
        return sorted[(int) (sorted.length * share)] / 1e3;
    }
}
