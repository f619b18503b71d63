package io.cairn.core.projection;

import io.cairn.core.domain.State;
import io.cairn.core.evolve.Step;
import io.cairn.core.projection.Subjects.Subject;
import io.vavr.collection.Vector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.rocksdb.EnvOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileWriter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a projection up to date with very many events. The rows are those of {@link Projection#apply}; they come to be several
 * times faster, since the index is written in the order of its keys, as finished files, and an entity's row once for many events.
 *
 * <p>A full chunk is written on a thread of its own, while the next one fills; never two at a time. After each chunk the rows are
 * whole; when it is cut off in between, what is there already is written again. Not thread-safe; until it is finished or closed
 * nobody else may use the projection.
 */
public final class BulkLoad implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(BulkLoad.class);
    /** Bounds the memory: some tens of megabytes. */
    private static final int STEPS_PER_CHUNK = 100_000;
    /** So many need not be applied once more if there is another crash soon. A flush makes a file, and takes the disk some milliseconds. */
    static final int STEPS_WORTH_A_FLUSH = 500;

    private final Projection projection;
    private final Path work;
    private final int stepsPerChunk;
    private Map<Subject, Sequences> touched = new HashMap<>();
    private State before;
    private Step last;
    private byte[] head;
    private long retired;
    private int steps;
    private FutureTask<Void> writing = finished();

    /**
     * @param work a directory of its own on the projection's file system, for files that are not finished
     * @param before the state the rows stand for now
     */
    public BulkLoad(Projection projection, Path work, State before) {
        this(projection, work, before, STEPS_PER_CHUNK);
    }

    BulkLoad(Projection projection, Path work, State before, int stepsPerChunk) {
        this.projection = projection;
        this.work = work;
        this.before = before;
        this.stepsPerChunk = stepsPerChunk;
        this.retired = projection.retiredSequence();
    }

    private static FutureTask<Void> finished() {
        var nothing = new FutureTask<Void>(() -> null);
        nothing.run();
        return nothing;
    }

    /** What is written at once: the events between two states, by what they touched. */
    private record Chunk(Map<Subject, Sequences> touched, State before, Step last, byte[] head, long retired, int steps) {}

    /** Sequences of events of one entity, ascending. */
    private static final class Sequences {
        private long[] values = new long[8];
        private int count;

        void add(long sequence) {
            if (count > 0 && values[count - 1] == sequence) {
                return;
            }
            if (count == values.length) {
                values = Arrays.copyOf(values, 2 * count);
            }
            values[count++] = sequence;
        }
    }

    /** @param stepHead hash of the event's frame */
    public void add(Step step, byte[] stepHead) {
        long sequence = step.event().getSequence();
        Vector<Subject> subjects = Subjects.of(step);
        for (int i = 0; i < subjects.size(); i++) {
            touched.computeIfAbsent(subjects.get(i), _ -> new Sequences()).add(sequence);
        }
        if (step.event().hasEpochRetired()) {
            retired = Math.max(retired, step.event().getEpochRetired().getLastSequence());
        }
        last = step;
        head = stepHead;
        if (++steps == stepsPerChunk) {
            hand();
        }
    }

    /**
     * Writes what was added; returns when it is in the projection.
     *
     * @throws UncheckedIOException if any of it could not be written
     */
    public void finish() {
        if (steps > 0) {
            hand();
        }
        awaitWritten();
    }

    /** Returns when nothing is written any more, whether it could be or not. */
    @Override
    public void close() {
        try {
            awaitWritten();
        } catch (UncheckedIOException e) {
            LOG.debug("Given up: {}", e.getMessage());
        }
    }

    private void hand() {
        awaitWritten();
        var chunk = new Chunk(touched, before, last, head, retired, steps);
        writing = new FutureTask<>(() -> write(chunk));
        Thread.ofPlatform().name("cairn-bulk-load").daemon().start(writing);
        touched = new HashMap<>();
        before = last.after();
        steps = 0;
    }

    /** An interrupt must not leave the projection to two threads. */
    private void awaitWritten() {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    writing.get();
                    return;
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } catch (ExecutionException e) {
            throw new UncheckedIOException(new IOException("The projection could not be written: " + e.getCause().getMessage(), e.getCause()));
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private Void write(Chunk chunk) throws RocksDBException, IOException {
        Projection.discard(work);
        Files.createDirectory(work);
        ingestIndex(chunk);
        State after = chunk.last.after();
        var known = Vector.ofAll(chunk.touched.keySet()).filter(s -> isKnown(chunk.before, s) || isKnown(after, s));
        projection.applyRows(known, chunk.last, chunk.head, chunk.retired, chunk.steps);
        if (chunk.steps >= STEPS_WORTH_A_FLUSH) {
            projection.flush();
        }
        Projection.discard(work);
        return null;
    }

    private void ingestIndex(Chunk chunk) throws RocksDBException {
        var entries = new ArrayList<Map.Entry<byte[], Sequences>>(chunk.touched.size());
        chunk.touched.forEach((subject, sequences) -> {
            if (sequences.values[sequences.count - 1] > chunk.retired) {
                entries.add(Map.entry(HistoryIndex.key(subject, 0), sequences));
            }
        });
        if (entries.isEmpty()) {
            return;
        }
        entries.sort((one, other) -> Arrays.compareUnsigned(one.getKey(), other.getKey()));
        Path file = work.resolve("index");
        try (var environment = new EnvOptions(); var writer = new SstFileWriter(environment, projection.options())) {
            writer.open(file.toString());
            for (var entry : entries) {
                write(writer, entry.getKey(), entry.getValue(), chunk.retired);
            }
            writer.finish();
        }
        projection.ingest(file);
    }

    private static void write(SstFileWriter writer, byte[] firstKey, Sequences sequences, long retired) throws RocksDBException {
        ByteBuffer key = ByteBuffer.allocateDirect(firstKey.length).put(firstKey);
        ByteBuffer value = ByteBuffer.allocateDirect(1).limit(0);
        for (int i = 0; i < sequences.count; i++) {
            if (sequences.values[i] > retired) {
                key.putLong(firstKey.length - Long.BYTES, sequences.values[i]);
                writer.put(key.position(0).limit(firstKey.length), value.position(0));
            }
        }
    }

    private static boolean isKnown(State state, Subject subject) {
        return switch (subject.kind()) {
            case SANDBOX -> state.sandboxes().containsKey(subject.id());
            case CONTAINER -> state.containers().containsKey(subject.id());
            case IMAGE -> state.images().containsKey(subject.id());
            case EXEC -> state.execs().containsKey(subject.id());
            case PULL -> state.pulls().containsKey(subject.id());
        };
    }
}
