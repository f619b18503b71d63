package io.cairn.core.projection;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.Subjects.Subject;
import io.cairn.proto.state.MetaRow;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Checkpoint;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The projection on disk. One column family, keys by prefix:
 *
 * <pre>
 *   m                                  MetaRow: applied sequence and the head hash at it, in the same batch as the rows
 *   s ID | c ID | i ID | e ID | p ID   sandbox, container, image, exec, pull
 *   x …                                {@link HistoryIndex}: which events belong to the history of an entity
 * </pre>
 *
 * <p>With an epoch that is retired go the index rows of its events, whoever they are about.
 *
 * <p>The write-ahead log is off: the journal is the log. After a crash the rows are those of some earlier sequence, all of them
 * of the same one, and the events after it are applied again. Values are serialised deterministically, so that equal states are
 * equal bytes. Written by one thread; {@link #history} may be called from any.
 */
public final class Projection implements Projector {
    private static final Logger LOG = LoggerFactory.getLogger(Projection.class);
    /** Raised whenever rows or keys change their form; another form on disk is thrown away and rebuilt. */
    private static final int FORMAT = 5;
    private static final byte[] META = {'m'};
    private static final byte[] NOTHING = {};
    /** Bounds the replay after an unclean stop: what is applied again runs cold, at several events for a millisecond. */
    private static final int EVENTS_BETWEEN_FLUSHES = 1_000;

    private final Options options;
    private final RocksDB db;
    private final WriteOptions withoutLog;
    private final boolean writable;
    private int eventsSinceFlush;
    private volatile long retiredSequence;
    private boolean closed;

    private Projection(Options options, RocksDB db, boolean writable) {
        this.options = options;
        this.db = db;
        this.writable = writable;
        this.withoutLog = new WriteOptions().setDisableWAL(true);
    }

    private static Projection over(Options options, RocksDB db, boolean writable) throws RocksDBException {
        var projection = new Projection(options, db, writable);
        try {
            projection.retiredSequence = projection.meta().map(MetaRow::getRetiredSequence).getOrElse(0L);
            return projection;
        } catch (RocksDBException e) {
            projection.release();
            throw e;
        }
    }

    /**
     * The library is loaded once. Whoever comes while it is waits, however long that takes, and hears of the failure as it was; RocksDB's own wait
     * has an end.
     */
    private static final class Library {
        static {
            RocksDB.loadLibrary();
        }

        private Library() {}

        static void load() {}
    }

    /** Loads RocksDB's library. */
    public static void preload() {
        Library.load();
    }

    /** @throws RocksDBException when the directory holds something RocksDB cannot open: {@link #discard} it and open again */
    public static Projection open(Path directory) throws RocksDBException {
        Library.load();
        Options options = newOptions().setMaxOpenFiles(64);
        return over(options, RocksDB.open(options, directory.toString()), true);
    }

    /**
     * Opens what is there for reading, also while a daemon writes to it: as of its last flush, then.
     *
     * @param logDirectory where RocksDB may write its own log
     */
    public static Projection openReadOnly(Path directory, Path logDirectory) throws RocksDBException {
        Library.load();
        // All files are opened at once, so that none can be missed when the daemon deletes it.
        Options options = newOptions().setCreateIfMissing(false).setMaxOpenFiles(-1).setDbLogDir(logDirectory.toString());
        return over(options, RocksDB.openReadOnly(options, directory.toString()), false);
    }

    private static Options newOptions() {
        // A few thousand small rows: the caches are kept small, since the state lives in memory anyway.
        var table = new BlockBasedTableConfig().setBlockCache(new LRUCache(4 << 20)).setCacheIndexAndFilterBlocks(true);
        return new Options().setCreateIfMissing(true).setWriteBufferSize(4 << 20).setMaxWriteBufferNumber(2)
                .setCompressionType(CompressionType.NO_COMPRESSION).setTableFormatConfig(table).setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL).setKeepLogFileNum(2).setParanoidChecks(true);
    }

    public static void discard(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        List<Path> paths;
        try (var walk = Files.walk(directory)) {
            paths = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : paths) {
            Files.delete(path);
        }
    }

    /** Where the rows stand; none when the projection is new or of another format. */
    public Option<MetaRow> meta() throws RocksDBException {
        byte[] bytes = db.get(META);
        if (bytes == null) {
            return Option.none();
        }
        try {
            return Option.some(MetaRow.parseFrom(bytes)).filter(meta -> meta.getFormat() == FORMAT);
        } catch (InvalidProtocolBufferException e) {
            return Option.none();
        }
    }

    /**
     * The whole state as the rows say.
     *
     * @throws RocksDBException when any block on disk is not what was written: rows would be missing, and what they stand for would
     *     be taken for something that belongs to nobody
     */
    public State load() throws RocksDBException, InvalidProtocolBufferException {
        db.verifyChecksum();
        MetaRow meta = meta().getOrElseThrow(() -> new InvariantViolation("A projection without its meta row has no state"));
        State empty = State.EMPTY.withEpoch(meta.getEpoch(), meta.getBootId());
        return EntityRows.load(db, meta.hasNetwork() ? empty.with(meta.getNetwork()) : empty);
    }

    /** Events up to this one were retired; 0 when none were. May be called from any thread. */
    public long retiredSequence() {
        return retiredSequence;
    }

    @Override
    public void apply(Vector<Step> steps, byte[] head) {
        long retired = steps.foldLeft(retiredSequence, (last, step) -> Math.max(last, step.event().getEpochRetired().getLastSequence()));
        try (var batch = new WriteBatch()) {
            var touched = new LinkedHashSet<Subject>();
            for (Step step : steps) {
                touch(batch, step, retired, touched);
            }
            apply(batch, touched, steps.last(), head, retired, steps.size());
        } catch (RocksDBException e) {
            throw new UncheckedIOException(new IOException("The projection could not be written: " + e.getMessage(), e));
        }
    }

    /** What {@link #apply} does, but for the index rows, which were ingested. */
    void applyRows(Iterable<Subject> touched, Step last, byte[] head, long retired, int steps) throws RocksDBException {
        try (var batch = new WriteBatch()) {
            apply(batch, touched, last, head, retired, steps);
        }
    }

    private void apply(WriteBatch batch, Iterable<Subject> touched, Step last, byte[] head, long retired, int steps) throws RocksDBException {
        State after = last.after();
        for (Subject subject : touched) {
            EntityRows.write(batch, subject, after);
        }
        if (retired > retiredSequence) {
            HistoryIndex.deleteUpTo(db, batch, retired);
        }
        var meta = MetaRow.newBuilder().setFormat(FORMAT).setAppliedSequence(last.event().getSequence())
                .setHead(ByteString.copyFrom(head)).setEpoch(after.epoch()).setBootId(after.bootId()).setRetiredSequence(retired);
        after.network().forEach(meta::setNetwork);
        batch.put(META, EntityRows.bytes(meta.build()));
        db.write(withoutLog, batch);
        retiredSequence = retired;
        eventsSinceFlush += steps;
        if (eventsSinceFlush >= EVENTS_BETWEEN_FLUSHES) {
            flush(false);
        }
    }

    /** Returns when all rows are on the disk. */
    void flush() throws RocksDBException {
        flush(true);
    }

    /** Takes over a finished file of rows. */
    void ingest(Path file) throws RocksDBException {
        try (var how = new IngestExternalFileOptions().setMoveFiles(true)) {
            db.ingestExternalFile(List.of(file.toString()), how);
        }
    }

    Options options() {
        return options;
    }

    /** Rows of the index are written for events that are still kept when the whole batch is applied. */
    private static void touch(WriteBatch batch, Step step, long retired, Set<Subject> touched) throws RocksDBException {
        for (Subject subject : Subjects.of(step)) {
            touched.add(subject);
            if (step.event().getSequence() > retired) {
                batch.put(HistoryIndex.key(subject, step.event().getSequence()), NOTHING);
            }
        }
    }

    /** Sequences of the events of an entity's history that are kept, oldest first. */
    public Vector<Long> history(Subject subject) throws RocksDBException {
        return HistoryIndex.sequences(db, subject);
    }

    /**
     * Writes the rows as they are at some moment into a directory that must not exist: links to the files of this projection where
     * possible. May be called from any thread.
     */
    void checkpoint(Path directory) throws RocksDBException {
        try (Checkpoint checkpoint = Checkpoint.create(db)) {
            checkpoint.createCheckpoint(directory.toString());
        }
    }

    /** The rows in the order of their keys; close it. */
    RocksIterator rows() {
        return db.newIterator();
    }

    /** Every key and value, for comparing two projections byte for byte. */
    public void forEachRow(java.util.function.BiConsumer<byte[], byte[]> visitor) throws RocksDBException {
        try (RocksIterator rows = db.newIterator()) {
            for (rows.seekToFirst(); rows.isValid(); rows.next()) {
                visitor.accept(rows.key(), rows.value());
            }
            rows.status();
        }
    }

    /**
     * Flushes and closes, so that the next start has nothing to replay. Where that fails, it applies the last events again. Closing it once
     * more does nothing.
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            if (writable) {
                flush(true);
            }
        } catch (RocksDBException e) {
            LOG.warn("The projection could not be flushed, so the next start takes longer: {}", e.getMessage());
        } finally {
            release();
        }
    }

    private void release() {
        withoutLog.close();
        db.close();
        options.close();
    }

    private void flush(boolean wait) throws RocksDBException {
        try (var flush = new FlushOptions().setWaitForFlush(wait).setAllowWriteStall(true)) {
            db.flush(flush);
        }
        eventsSinceFlush = 0;
    }
}
