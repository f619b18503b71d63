package io.cairn.core.projection;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.MessageLite;
import io.cairn.core.domain.InvariantViolation;
import io.cairn.core.domain.State;
import io.cairn.core.engine.Projector;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.Subjects.Kind;
import io.cairn.core.projection.Subjects.Subject;
import io.cairn.proto.state.ContainerRow;
import io.cairn.proto.state.ExecRow;
import io.cairn.proto.state.ImageRow;
import io.cairn.proto.state.MetaRow;
import io.cairn.proto.state.PullRow;
import io.cairn.proto.state.SandboxRow;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.CompressionType;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * The projection on disk. One column family, keys by prefix:
 *
 * <pre>
 *   m                                  MetaRow: applied sequence and the head hash at it, in the same batch as the rows
 *   s ID | c ID | i ID | e ID | p ID   sandbox, container, image, exec, pull
 *   x KIND ID 00 SEQUENCE(8, BE)       this event belongs to the history of this entity; no value
 * </pre>
 *
 * <p>The write-ahead log is off: the journal is the log. After a crash the rows are those of some earlier sequence, all of them
 * of the same one, and the events after it are applied again. Values are serialised deterministically, so that equal states are
 * equal bytes. Written by one thread; {@link #history} may be called from any.
 */
public final class Projection implements Projector {
    /** Raised whenever rows or keys change their form; another form on disk is thrown away and rebuilt. */
    private static final int FORMAT = 1;
    private static final byte[] META = {'m'};
    /** Bounds the replay after an unclean stop to well under a tenth of a second. */
    private static final int EVENTS_BETWEEN_FLUSHES = 20_000;

    private final Options options;
    private final RocksDB db;
    private final WriteOptions withoutLog;
    private int eventsSinceFlush;

    private Projection(Options options, RocksDB db) {
        this.options = options;
        this.db = db;
        this.withoutLog = new WriteOptions().setDisableWAL(true);
    }

    /** @throws RocksDBException when the directory holds something RocksDB cannot open: {@link #discard} it and open again */
    public static Projection open(Path directory) throws RocksDBException {
        RocksDB.loadLibrary();
        // A few thousand small rows: the caches are kept small, since the state lives in memory anyway.
        var table = new BlockBasedTableConfig().setBlockCache(new LRUCache(4 << 20)).setCacheIndexAndFilterBlocks(true);
        var options = new Options().setCreateIfMissing(true).setWriteBufferSize(4 << 20).setMaxWriteBufferNumber(2)
                .setCompressionType(CompressionType.NO_COMPRESSION).setTableFormatConfig(table).setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.ERROR_LEVEL).setKeepLogFileNum(2).setMaxOpenFiles(64).setParanoidChecks(true);
        return new Projection(options, RocksDB.open(options, directory.toString()));
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
        State state = State.EMPTY.withEpoch(meta.getEpoch(), meta.getBootId());
        for (byte[] row : rows(Kind.SANDBOX)) {
            state = state.with(Rows.entity(SandboxRow.parseFrom(row)));
        }
        for (byte[] row : rows(Kind.CONTAINER)) {
            state = state.with(Rows.entity(ContainerRow.parseFrom(row)));
        }
        for (byte[] row : rows(Kind.IMAGE)) {
            state = state.with(Rows.entity(ImageRow.parseFrom(row)));
        }
        for (byte[] row : rows(Kind.EXEC)) {
            state = state.with(Rows.entity(ExecRow.parseFrom(row)));
        }
        for (byte[] row : rows(Kind.PULL)) {
            state = state.with(Rows.entity(PullRow.parseFrom(row)));
        }
        return state;
    }

    @Override
    public void apply(Vector<Step> steps, byte[] head) {
        State after = steps.last().after();
        try (var batch = new WriteBatch()) {
            var touched = new LinkedHashSet<Subject>();
            for (Step step : steps) {
                for (Subject subject : Subjects.of(step)) {
                    touched.add(subject);
                    batch.put(indexKey(subject, step.event().getSequence()), new byte[0]);
                }
            }
            for (Subject subject : touched) {
                write(batch, subject, after);
            }
            batch.put(META, bytes(MetaRow.newBuilder().setFormat(FORMAT).setAppliedSequence(steps.last().event().getSequence())
                    .setHead(ByteString.copyFrom(head)).setEpoch(after.epoch()).setBootId(after.bootId()).build()));
            db.write(withoutLog, batch);
            eventsSinceFlush += steps.size();
            if (eventsSinceFlush >= EVENTS_BETWEEN_FLUSHES) {
                flush(false);
            }
        } catch (RocksDBException e) {
            throw new UncheckedIOException(new IOException("The projection could not be written: " + e.getMessage(), e));
        }
    }

    /** Sequences of the events of an entity's history, oldest first. */
    public Vector<Long> history(Subject subject) throws RocksDBException {
        byte[] prefix = indexKey(subject, 0);
        int prefixLength = prefix.length - Long.BYTES;
        var sequences = new ArrayList<Long>();
        try (RocksIterator rows = db.newIterator()) {
            for (rows.seek(prefix); rows.isValid(); rows.next()) {
                byte[] key = rows.key();
                if (key.length != prefix.length || java.util.Arrays.mismatch(key, 0, prefixLength, prefix, 0, prefixLength) >= 0) {
                    break;
                }
                sequences.add(ByteBuffer.wrap(key, prefixLength, Long.BYTES).getLong());
            }
            rows.status();
        }
        return Vector.ofAll(sequences);
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

    /** Flushes and closes, so that the next start has nothing to replay. */
    @Override
    public void close() {
        try {
            flush(true);
        } catch (RocksDBException e) {
            throw new UncheckedIOException(new IOException("The projection could not be flushed: " + e.getMessage(), e));
        } finally {
            withoutLog.close();
            db.close();
            options.close();
        }
    }

    private void flush(boolean wait) throws RocksDBException {
        try (var flush = new FlushOptions().setWaitForFlush(wait).setAllowWriteStall(true)) {
            db.flush(flush);
        }
        eventsSinceFlush = 0;
    }

    private static void write(WriteBatch batch, Subject subject, State after) throws RocksDBException {
        Option<? extends MessageLite> row = switch (subject.kind()) {
            case SANDBOX -> after.sandbox(subject.id()).map(Rows::row);
            case CONTAINER -> after.container(subject.id()).map(Rows::row);
            case IMAGE -> after.images().get(subject.id()).map(Rows::row);
            case EXEC -> after.execs().get(subject.id()).map(Rows::row);
            case PULL -> after.pulls().get(subject.id()).map(Rows::row);
        };
        byte[] key = (subject.kind().letter() + subject.id()).getBytes(StandardCharsets.UTF_8);
        if (row.isDefined()) {
            batch.put(key, bytes(row.get()));
        } else {
            batch.delete(key);
        }
    }

    private List<byte[]> rows(Kind kind) throws RocksDBException {
        var values = new ArrayList<byte[]>();
        try (RocksIterator rows = db.newIterator()) {
            for (rows.seek(new byte[] {(byte) kind.letter()}); rows.isValid() && rows.key()[0] == kind.letter(); rows.next()) {
                values.add(rows.value());
            }
            // An iterator that meets a damaged block looks like one that is at its end.
            rows.status();
        }
        return values;
    }

    private static byte[] indexKey(Subject subject, long sequence) {
        byte[] id = subject.id().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(3 + id.length + Long.BYTES).put((byte) 'x').put((byte) subject.kind().letter()).put(id).put((byte) 0)
                .putLong(sequence).array();
    }

    /** Map fields have no order on the wire; deterministic serialisation gives them one, within one version of the library. */
    private static byte[] bytes(MessageLite message) {
        byte[] bytes = new byte[message.getSerializedSize()];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        out.useDeterministicSerialization();
        try {
            message.writeTo(out);
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes;
    }
}
