package io.cairn.journal.bench;

import io.cairn.journal.Journal;
import io.cairn.journal.JournalOptions;
import io.cairn.linux.DurableFiles;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * What a durable record costs beside the least it can cost: the same bytes written to a reserved file with one fdatasync.
 * The two take turns, so that a disk that slows down slows both.
 *
 * <p>Run: {@code java <jvm.access of the root pom> -cp <test class path> io.cairn.journal.bench.SyncBench DIRECTORY [rounds]
 * [payload bytes]}.
 */
public final class SyncBench {
    private static final int FRAME_HEADER_BYTES = 64 + 4;

    private SyncBench() {}

    public static void main(String[] arguments) throws Exception {
        Path directory = Files.createTempDirectory(Path.of(arguments[0]), "bench");
        int rounds = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5000;
        int payloadBytes = arguments.length > 2 ? Integer.parseInt(arguments[2]) : 500;
        byte[] payload = new byte[payloadBytes];
        byte[] bare = new byte[payloadBytes + FRAME_HEADER_BYTES];
        Arrays.fill(bare, (byte) 1);
        long[] bareNanos = new long[rounds];
        long[] journalNanos = new long[rounds];
        long[] appendNanos = new long[rounds];
        Path file = directory.resolve("bare");
        try (var handle = DurableFiles.openOrCreate(file);
                Journal journal = Journal.open(directory.resolve("journal"), JournalOptions.defaults(), _ -> payload)) {
            handle.reserve(0, (long) rounds * bare.length);
            handle.syncData();
            for (int i = 0; i < rounds; i++) {
                long start = System.nanoTime();
                handle.write((long) i * bare.length, bare);
                handle.syncData();
                long middle = System.nanoTime();
                journal.append(payload);
                long appended = System.nanoTime();
                journal.sync();
                long end = System.nanoTime();
                bareNanos[i] = middle - start;
                appendNanos[i] = appended - middle;
                journalNanos[i] = end - middle;
            }
        } finally {
            deleteTree(directory);
        }
        System.out.printf("payload %d bytes, %d rounds, micros%n", payloadBytes, rounds);
        print("bare fdatasync", bareNanos);
        print("append", appendNanos);
        print("append and sync", journalNanos);
    }

    private static void print(String name, long[] nanos) {
        long[] sorted = Arrays.copyOfRange(nanos, nanos.length / 5, nanos.length);
        Arrays.sort(sorted);
        System.out.printf("  %-16s p50 %7.1f  p90 %7.1f  p99 %8.1f  max %9.1f%n", name, at(sorted, 0.5), at(sorted, 0.9), at(sorted, 0.99),
                sorted[sorted.length - 1] / 1e3);
    }

    private static double at(long[] sorted, double share) {
        return sorted[(int) (sorted.length * share)] / 1e3;
    }

    private static void deleteTree(Path directory) throws Exception {
        try (var files = Files.walk(directory)) {
            for (Path path : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.delete(path);
            }
        }
    }
}
