package io.cairn.core.projection;

import io.cairn.linux.DurableFiles;
import io.cairn.proto.state.MetaRow;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.LongPredicate;
import java.util.regex.Pattern;
import org.rocksdb.RocksDBException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies of the projection that stand for events which are not kept any more.
 *
 * <pre>
 *  snapshots/
 *    00000000000000001234/   a copy as of event 1234: RocksDB's files, none of them shared with the projection
 *    making/                 one that is being made
 * </pre>
 *
 * <p>A checkpoint only links to the files of the projection. They are copied, so that one bad sector cannot take both. Not
 * thread-safe.
 */
public final class Snapshots {
    private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);
    private static final Pattern NAME = Pattern.compile("[0-9]{20}");
    private static final String MAKING = "making";

    private final Path directory;

    /** @param directory is made when the first snapshot is taken */
    public Snapshots(Path directory) {
        this.directory = directory;
    }

    /** Copies the projection, reads the copy back, and makes it durable. Older ones stay until {@link #keepOnly}. */
    public Snapshot take(Projection projection) throws IOException, RocksDBException {
        if (!Files.isDirectory(directory)) {
            DurableFiles.createDirectory(directory);
            DurableFiles.syncDirectory(directory.toAbsolutePath().getParent());
        }
        Path making = directory.resolve(MAKING);
        Projection.discard(making);
        DurableFiles.createDirectory(making);
        try {
            Path checkpoint = making.resolve("checkpoint");
            Path copy = making.resolve("copy");
            projection.checkpoint(checkpoint);
            DurableFiles.createDirectory(copy);
            copy(checkpoint, copy);
            Path log = Files.createDirectory(making.resolve("log"));
            Snapshot made = read(copy, log).getOrElseThrow(() -> new IOException("Expected a snapshot with its meta row, but found none"));
            return publish(made);
        } finally {
            Projection.discard(making);
        }
    }

    private Snapshot publish(Snapshot made) throws IOException {
        Path place = directory.resolve("%020d".formatted(made.appliedSequence()));
        Projection.discard(place);
        Files.move(made.directory(), place);
        DurableFiles.syncDirectory(directory);
        return new Snapshot(place, made.appliedSequence(), made.head(), made.sum(), made.bytes());
    }

    /** Deletes all the others. The journal must vouch for this one by then. */
    public void keepOnly(Snapshot snapshot) throws IOException {
        for (Path other : places().filter(path -> !path.equals(snapshot.directory()))) {
            Projection.discard(other);
        }
        DurableFiles.syncDirectory(directory);
    }

    /** Whether there is one of an event that fulfils the condition, by its name. */
    public boolean has(LongPredicate appliedSequence) throws IOException {
        return places().exists(path -> appliedSequence.test(sequence(path)));
    }

    /**
     * Those that can be read, the newest first; one that cannot is told of and left out.
     *
     * @param logDirectory where RocksDB may write its own log
     */
    public Vector<Snapshot> readable(Path logDirectory) throws IOException {
        return places().reverse().flatMap(place -> {
            try {
                return read(place, logDirectory);
            } catch (RocksDBException | IOException e) {
                LOG.warn("The snapshot in {} cannot be read: {}", place, e.getMessage());
                return Option.<Snapshot>none();
            }
        });
    }

    /** Puts a copy of the snapshot where the projection belongs. */
    public static void restore(Snapshot snapshot, Path projection) throws IOException {
        Projection.discard(projection);
        Files.createDirectory(projection);
        copy(snapshot.directory(), projection);
    }

    private static Option<Snapshot> read(Path place, Path logDirectory) throws RocksDBException, IOException {
        try (Projection copy = Projection.openReadOnly(place, logDirectory)) {
            Option<MetaRow> meta = copy.meta();
            if (meta.isEmpty()) {
                return Option.none();
            }
            RowSum sum = RowSum.of(copy);
            return Option.some(new Snapshot(place, meta.get().getAppliedSequence(), meta.get().getHead(), sum, bytes(place)));
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        for (Path file : files(from)) {
            Path copied = to.resolve(file.getFileName());
            Files.copy(file, copied);
            try (var handle = DurableFiles.open(copied)) {
                handle.syncData();
            }
        }
        DurableFiles.syncDirectory(to);
    }

    private static long bytes(Path place) throws IOException {
        long bytes = 0;
        for (Path file : files(place)) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    /** In the order of their sequences. */
    private Vector<Path> places() throws IOException {
        return Files.isDirectory(directory) ? files(directory).filter(path -> NAME.matcher(path.getFileName().toString()).matches()).sorted()
                : Vector.empty();
    }

    private static long sequence(Path place) {
        return Long.parseLong(place.getFileName().toString());
    }

    private static Vector<Path> files(Path directory) throws IOException {
        try (var entries = Files.list(directory)) {
            return Vector.ofAll(entries.toList());
        }
    }
}
