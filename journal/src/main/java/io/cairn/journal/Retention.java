package io.cairn.journal;

import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.function.Predicate;

/** Deletes old epochs, whole and oldest first, so that what is kept is still one chain. */
public final class Retention {
    private Retention() {}

    /**
     * Deletes sealed epochs from the oldest on, as long as the epoch holds no record after {@code coveredUpToSequence} and is
     * older than {@code maxAge} or there is more than {@code maxBytes} of them. The newest epoch always stays. May run while
     * the journal is appended to, by the appending thread or one that takes turns with it.
     *
     * @param coveredUpToSequence the last record that is not needed any more
     * @param maxAge since the epoch was closed, by the time stamp of its file
     * @param maxBytes size of the records of all sealed epochs
     * @return the numbers of the epochs deleted
     */
    public static List<Long> deleteSealed(Path directory, long coveredUpToSequence, Duration maxAge, long maxBytes, InstantSource clock)
            throws JournalFailure {
        try {
            Predicate<Instant> tooOld = closed -> Duration.between(closed, clock.instant()).compareTo(maxAge) > 0;
            return delete(directory, coveredUpToSequence, tooOld, maxBytes);
        } catch (IOException e) {
            throw new JournalFailure("Cannot delete old epochs of the journal in " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Deletes the oldest sealed epochs until they fit, whatever their age. */
    static void shrink(Path directory, long maxBytes) throws IOException {
        delete(directory, Long.MAX_VALUE, _ -> false, maxBytes);
    }

    private static List<Long> delete(Path directory, long coveredUpToSequence, Predicate<Instant> tooOld, long maxBytes)
            throws IOException {
        List<EpochFiles> epochs = EpochFiles.list(directory);
        long totalBytes = sealedBytes(epochs);
        List<Long> deleted = List.empty();
        while (epochs.size() > 1) {
            EpochFiles epoch = epochs.head();
            Option<Long> end = EpochWalk.first(epochs.get(1)).map(first -> first.sequence() - 1);
            boolean covered = end.exists(last -> last <= coveredUpToSequence);
            boolean old = tooOld.test(Files.getLastModifiedTime(epoch.data()).toInstant());
            if (!covered || !(old || totalBytes > maxBytes)) {
                break;
            }
            totalBytes -= Files.size(epoch.data());
            epoch.delete();
            deleted = deleted.append(epoch.number());
            epochs = epochs.tail();
        }
        return deleted;
    }

    private static long sealedBytes(List<EpochFiles> epochs) throws IOException {
        long total = 0;
        for (EpochFiles epoch : epochs.dropRight(1)) {
            total += Files.size(epoch.data());
        }
        return total;
    }
}
