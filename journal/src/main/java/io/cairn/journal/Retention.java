package io.cairn.journal;

import io.vavr.collection.List;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

/**
 * Deletes old epochs, whole and oldest first, so that what is kept is still one chain. The newest epoch always stays. May be
 * used while the journal is appended to, by one thread at a time.
 */
public final class Retention {
    private Retention() {}

    /** Why an epoch may go. */
    public enum Reason {
        AGE,
        SIZE
    }

    /** An epoch that may go, and why. */
    public record Due(SealedEpoch epoch, Reason reason) {}

    /**
     * The epochs that may go, the oldest first: those closed longer ago than {@code maxAge}, and those that are too much when all
     * sealed ones are to fit into {@code maxBytes}. None follows one that has to stay. Nothing is deleted here.
     */
    public static List<Due> due(Path directory, Duration maxAge, long maxBytes, Instant now) throws JournalFailure {
        try {
            return due(sealed(directory), now.minus(maxAge), maxBytes);
        } catch (IOException e) {
            throw failure(directory, e);
        }
    }

    private static List<Due> due(List<SealedEpoch> sealed, Instant oldestKept, long maxBytes) {
        long totalBytes = sealed.map(SealedEpoch::bytes).sum().longValue();
        List<Due> due = List.empty();
        for (SealedEpoch epoch : sealed) {
            if (totalBytes > maxBytes) {
                due = due.append(new Due(epoch, Reason.SIZE));
            } else if (epoch.closedAt().isBefore(oldestKept)) {
                due = due.append(new Due(epoch, Reason.AGE));
            } else {
                break;
            }
            totalBytes -= epoch.bytes();
        }
        return due;
    }

    /** Deletes sealed epochs, the oldest first, as long as they hold no record after this one. Returns their numbers. */
    public static List<Long> deleteUpTo(Path directory, long sequence) throws JournalFailure {
        try {
            List<SealedEpoch> covered = sealed(directory).takeWhile(epoch -> epoch.last().sequence() <= sequence);
            for (SealedEpoch epoch : covered) {
                new EpochFiles(directory, epoch.number()).delete();
            }
            return covered.map(SealedEpoch::number);
        } catch (IOException e) {
            throw failure(directory, e);
        }
    }

    /** Deletes the oldest sealed epochs until they fit, whatever their age. */
    static void shrink(Path directory, long maxBytes) throws IOException {
        for (Due due : due(sealed(directory), Instant.MIN, maxBytes)) {
            new EpochFiles(directory, due.epoch().number()).delete();
        }
    }

    /** In their order, up to one whose end cannot be made out. */
    private static List<SealedEpoch> sealed(Path directory) throws IOException {
        List<EpochFiles> epochs = EpochFiles.list(directory);
        List<SealedEpoch> sealed = List.empty();
        for (int i = 0; i + 1 < epochs.size(); i++) {
            EpochFiles epoch = epochs.get(i);
            Option<Position> last = EpochWalk.first(epochs.get(i + 1)).map(next -> new Position(next.sequence() - 1, next.previousHash()));
            if (last.isEmpty()) {
                break;
            }
            Instant closedAt = Files.getLastModifiedTime(epoch.data()).toInstant();
            sealed = sealed.append(new SealedEpoch(epoch.number(), last.get(), OpenEpoch.overheadBytes() + Files.size(epoch.data()), closedAt));
        }
        return sealed;
    }

    private static JournalFailure failure(Path directory, IOException e) {
        return new JournalFailure("Cannot delete old epochs of the journal in " + directory + ": " + e.getMessage(), e);
    }
}
