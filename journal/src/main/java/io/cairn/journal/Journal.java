package io.cairn.journal;

import io.cairn.linux.DurableFiles;
import io.cairn.linux.FileSystems;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;

/**
 * An append-only log of records, checksummed, hash-chained and durable on demand. It knows bytes, not their meaning.
 *
 * <pre>
 *  open ── recover the newest epoch ── begin an epoch ──▶ append* ── sync ── append* ── sync ── ... ── close
 *                                           ▲                │
 *                                           └── epoch full ──┘
 * </pre>
 *
 * <p>An epoch is one directory with one Chronicle queue. A new one is begun at each start, so that no file is ever appended to
 * that saw a crash. The chain goes on over them.
 *
 * <p>One thread at a time appends, syncs and closes; it need not be the one that opened. {@link #head}, {@link #read} and
 * {@link JournalReader}s may be used by any thread, and the readers by other processes, meanwhile. Only one process may have the
 * journal open: hold a {@link StateLock}.
 *
 * <p>The appending thread must not be interrupted while it is in here: the JDK closes a file then, and the journal fails.
 *
 * <p>After a {@link JournalFailure} every append and sync throws one again.
 */
public final class Journal implements AutoCloseable {
    private final Path directory;
    private final JournalOptions options;
    private final EpochRecord epochRecord;
    private final Recovered recovered;
    private OpenEpoch epoch;
    private long tag;
    private volatile Position head;
    private long syncedSequence;
    /** Appends to come that must not begin a new epoch, see {@link #prepare}. */
    private int prepared;
    private boolean failed;
    private boolean closed;

    private Journal(Path directory, JournalOptions options, EpochRecord epochRecord, Recovered recovered) {
        this.directory = directory;
        this.options = options;
        this.epochRecord = epochRecord;
        this.recovered = recovered;
        this.head = recovered.head();
        this.syncedSequence = recovered.head().sequence();
    }

    /** Loads what a new epoch takes whatever is in it. Has no effect outside this process. */
    public static void preload() {
        ChronicleFile.preload();
    }

    /** Loads what takes the hash of a record. */
    public static void preloadHash() {
        Hash.sha256(new byte[0], 0, 0);
    }

    /**
     * Recovers what is in the directory, makes it durable and begins a new epoch. The directory is made if it is not there; its
     * parent must be.
     *
     * @throws JournalDamaged if a record that had been synced is missing or wrong in the newest epoch, or an epoch is missing
     * @throws JournalFull if there is no room for the new epoch; nothing was changed
     * @throws JournalFailure if a system call failed, fsync among them: on a file system where it does not work nothing starts
     */
    public static Journal open(Path directory, JournalOptions options, EpochRecord first)
            throws JournalDamaged, JournalFull, JournalFailure {
        try {
            if (!Files.isDirectory(directory)) {
                DurableFiles.createDirectory(directory);
                DurableFiles.syncDirectory(directory.toAbsolutePath().getParent());
            }
            Recovery recovery = Recovery.of(directory);
            var journal = new Journal(directory, options, first, recovery.found());
            journal.begin(new EpochFiles(directory, recovery.nextEpoch()), recovery.found().tail(), Frame.HEADER_BYTES);
            for (Recovery.Ending ending : recovery.newest()) {
                OpenEpoch.trim(ending.files(), ending.end());
            }
            journal.shrink();
            return journal;
        } catch (IOException e) {
            throw new JournalFailure("Cannot open the journal in " + directory + ": " + e.getMessage(), e);
        }
    }

    /**
     * Begins a new epoch now if one is due, so that the appends that follow certainly do not: their sequences are the next ones
     * after {@link #head}. For callers that write the sequence into the payload.
     *
     * @param records how many appends follow
     * @param largestPayloadBytes the largest of them
     * @throws JournalFull if these records need a new epoch and there is no room for it; nothing was changed
     */
    public void prepare(int records, int largestPayloadBytes) throws JournalFull, JournalFailure {
        requireUsable();
        int frameBytes = Frame.HEADER_BYTES + largestPayloadBytes;
        try {
            if (!epoch.takes(records, frameBytes) || epoch.sizeBytes() >= options.epochBytes()) {
                rollUnlessFull(records, frameBytes, true);
            }
            prepared = records;
        } catch (IOException | RuntimeException | Error e) {
            throw fail("begin an epoch after record " + head.sequence(), e);
        }
    }

    /**
     * Appends a record. It is not durable before {@link #sync} has returned.
     *
     * @return its sequence
     * @throws IllegalArgumentException if the payload is larger than {@link JournalOptions#maxPayloadBytes}
     * @throws JournalFull if less than {@link JournalOptions#floorBytes} would be left on the disk; nothing was written
     */
    public long append(byte[] payload) throws JournalFull, JournalFailure {
        return append(payload, false);
    }

    /**
     * Appends a record that must be written down even on a full disk, as what came of something already begun. It may go below
     * the floor and use the blocks reserved ahead ({@link JournalOptions#reserveBytes}).
     *
     * @throws JournalFull if these are used up too; nothing was written
     */
    public long appendEssential(byte[] payload) throws JournalFull, JournalFailure {
        return append(payload, true);
    }

    private long append(byte[] payload, boolean essential) throws JournalFull, JournalFailure {
        requireUsable();
        requireFitting(payload);
        int frameBytes = Frame.HEADER_BYTES + payload.length;
        try {
            if (prepared > 0) {
                prepared--;
            } else if (!epoch.takes(1, frameBytes) || epoch.sizeBytes() >= options.epochBytes()) {
                rollUnlessFull(1, frameBytes, essential);
            }
            epoch.makeRoom(frameBytes, essential);
            byte[] frame = encode(payload);
            epoch.append(frame);
            head = new Position(head.sequence() + 1, Hash.sha256(frame, 0, frame.length));
            return head.sequence();
        } catch (IOException | RuntimeException | Error e) {
            throw fail("append record " + (head.sequence() + 1), e);
        }
    }

    /**
     * Makes everything appended so far survive power loss. Returns at once if it does already.
     *
     * @throws JournalFailure if the kernel could not write: what was appended since the last sync may or may not be there after
     *     the restart that must follow
     */
    public void sync() throws JournalFailure {
        requireUsable();
        if (syncedSequence == head.sequence()) {
            return;
        }
        try {
            epoch.sync(head, tag);
            syncedSequence = head.sequence();
        } catch (IOException | RuntimeException e) {
            throw fail("sync", e);
        }
    }

    public Path directory() {
        return directory;
    }

    /** The last record appended. */
    public Position head() {
        return head;
    }

    /** What {@link #open} found. */
    public Recovered recovered() {
        return recovered;
    }

    /**
     * Reads all records from a sequence on, or from the oldest kept if that one is younger, up to the last that is there when
     * the end is reached.
     */
    public void read(long fromSequence, RecordHandler handler) throws JournalDamaged, JournalFailure {
        try (JournalReader reader = JournalReader.open(directory, fromSequence)) {
            reader.forEachRemaining(handler);
        }
    }

    /** Syncs and closes. Does nothing if it is closed already; after a failure only lets go of the files. */
    @Override
    public void close() throws JournalFailure {
        if (closed) {
            return;
        }
        closed = true;
        if (failed) {
            return;
        }
        try {
            epoch.close(head, tag);
        } catch (IOException | RuntimeException e) {
            throw fail("close", e);
        }
    }

    private byte[] encode(byte[] payload) {
        int unsynced = (int) Math.min(Integer.MAX_VALUE, head.sequence() - syncedSequence);
        return Frame.encode(head.sequence() + 1, tag, unsynced, head.hash(), payload);
    }

    private void rollUnlessFull(int records, int frameBytes, boolean essential) throws IOException, JournalFull {
        OpenEpoch old = epoch;
        long oldTag = tag;
        Position oldHead = head;
        try {
            old.sync(head, tag);
            syncedSequence = head.sequence();
            begin(old.files().next(), new TailVerdict.Clean(true), frameBytes);
        } catch (JournalFull e) {
            if (!essential || !old.takes(records, frameBytes)) {
                throw e;
            }
            return;
        }
        old.close(oldHead, oldTag);
        shrink();
    }

    private void shrink() throws IOException {
        if (options.maxTotalBytes() > 0) {
            Retention.shrink(directory, options.maxTotalBytes());
        }
    }

    /** @param frameBytes a frame that must fit into the new epoch besides the first */
    private void begin(EpochFiles files, TailVerdict tail, int frameBytes) throws IOException, JournalFull {
        long sequence = head.sequence() + 1;
        byte[] payload = requireFitting(epochRecord.payload(new EpochStart(files.number(), sequence, head, tail)));
        long newTag = new SecureRandom().nextLong();
        byte[] bytes = Frame.encode(sequence, newTag, 0, head.hash(), payload);
        Frame first = Frame.decode(bytes, 0, bytes.length).getOrElseThrow(wrong -> new IllegalStateException(wrong));
        long needed = options.floorBytes() + OpenEpoch.newEpochBytes(options, bytes.length);
        long free = FileSystems.capacity(directory).availableBytes();
        if (free < needed) {
            throw new JournalFull(directory, needed - free, null);
        }
        epoch = OpenEpoch.create(files, options, first, bytes, Math.max(bytes.length, frameBytes));
        tag = newTag;
        head = first.position();
        syncedSequence = sequence;
    }

    private byte[] requireFitting(byte[] payload) {
        if (payload.length > options.maxPayloadBytes()) {
            throw new IllegalArgumentException(
                    "Expected a payload of at most %d bytes, but got %d".formatted(options.maxPayloadBytes(), payload.length));
        }
        return payload;
    }

    private void requireUsable() throws JournalFailure {
        if (failed) {
            throw new JournalFailure("The journal in " + directory + " failed before: stop, and open it again", null);
        }
        if (closed) {
            throw new JournalFailure("The journal in " + directory + " is closed", null);
        }
    }

    private JournalFailure fail(String what, Throwable cause) {
        failed = true;
        try {
            epoch.abandon();
        } catch (RuntimeException e) {
            cause.addSuppressed(e);
        }
        return new JournalFailure("Cannot %s in the journal in %s: %s".formatted(what, directory, cause.getMessage()), cause);
    }
}
