package io.cairn.journal;

import io.vavr.control.Option;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.slf4j.LoggerFactory;

/** What the tests of this module share: small journals, copies of them as a crash would leave them, and reading them back. */
final class Scratch {
    /** Small epochs and reserves, no floor: the tests' disks are small. */
    static final JournalOptions OPTIONS = JournalOptions.defaults().withReserveBytes(64 << 10).withFloorBytes(0);

    private static final int PAGE_BYTES = 4096;

    private Scratch() {}

    static Journal open(Path directory) throws JournalException {
        return open(directory, OPTIONS);
    }

    static Journal open(Path directory, JournalOptions options) throws JournalException {
        return Journal.open(directory, options, Scratch::epochPayload);
    }

    static byte[] epochPayload(EpochStart start) {
        return ("epoch " + start.epoch() + " after " + start.previous().sequence()).getBytes(StandardCharsets.UTF_8);
    }

    /** A random generator that can be had again: the seed is printed, and taken from -Dcairn.seed if that is set. */
    static Random random(String test) {
        long seed = Long.getLong("cairn.seed", System.nanoTime());
        report(test, "seed %d (-Dcairn.seed=%d runs it again)", seed, seed);
        return new Random(seed);
    }

    static void report(String test, String format, Object... arguments) {
        LoggerFactory.getLogger(test).info(format.formatted(arguments));
    }

    static byte[] payload(Random random, int maxBytes) {
        byte[] bytes = new byte[random.nextInt(maxBytes + 1)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Everything that can be read before the end or the first damage. */
    static List<JournalRecord> readable(Path directory) throws JournalFailure {
        var records = new ArrayList<JournalRecord>();
        try (JournalReader reader = JournalReader.open(directory, 1)) {
            reader.forEachRemaining(records::add);
        } catch (JournalDamaged e) {
            return records;
        }
        return records;
    }

    static boolean same(JournalRecord one, JournalRecord other) {
        return one.position().equals(other.position()) && one.epoch() == other.epoch() && Arrays.equals(one.payload(), other.payload());
    }

    /** Whether the second list begins with all of the first. */
    static boolean isPrefix(List<JournalRecord> shorter, List<JournalRecord> longer) {
        if (shorter.size() > longer.size()) {
            return false;
        }
        for (int i = 0; i < shorter.size(); i++) {
            if (!same(shorter.get(i), longer.get(i))) {
                return false;
            }
        }
        return true;
    }

    static EpochFiles newestEpoch(Path journal) throws IOException {
        return EpochFiles.list(journal).last();
    }

    /** Copies a journal as a killed process would leave it; the reserved space behind the records is cut to one page of zeros. */
    static void copyAsKilled(Path journal, Path copy) throws IOException {
        Files.createDirectory(copy);
        for (EpochFiles epoch : EpochFiles.list(journal)) {
            var to = new EpochFiles(copy, epoch.number());
            Files.createDirectory(to.directory());
            for (Path file : List.of(epoch.mark(), epoch.table())) {
                Files.copy(file, to.directory().resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES, LinkOption.NOFOLLOW_LINKS);
            }
            try (var in = Files.newInputStream(epoch.data())) {
                int length = (int) Math.min(Files.size(epoch.data()), endOfRecords(epoch) + PAGE_BYTES);
                Files.write(to.data(), in.readNBytes(length));
            }
        }
    }

    static long endOfRecords(EpochFiles epoch) throws IOException {
        try (EpochWalk walk = EpochWalk.open(epoch, Option.none())) {
            while (walk.next() instanceof FrameReader.Step.Found) {
                // walks on
            }
            return walk.end();
        }
    }

    static void overwrite(Path file, long offset, byte[] bytes) throws IOException {
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.seek(offset);
            out.write(bytes);
        }
    }

    static void setLength(Path file, long length) throws IOException {
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.setLength(length);
        }
    }

    static void deleteTree(Path directory) throws IOException {
        if (Files.exists(directory)) {
            try (var files = Files.walk(directory)) {
                for (Path path : files.sorted((a, b) -> b.compareTo(a)).toList()) {
                    Files.delete(path);
                }
            }
        }
    }
}
