package io.cairn.journal;

import io.cairn.journal.FrameReader.Step;
import io.cairn.linux.DurableFiles;
import io.cairn.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import jnr.constants.platform.Errno;

/**
 * The epoch that is being appended to: the queue, the blocks reserved for it and the mark of what was synced.
 *
 * <p>Every page Chronicle can touch is reserved before it is touched; a mapped page without a block behind it would kill the
 * process with SIGBUS on a full disk. Not thread-safe.
 */
final class OpenEpoch {
    private static final int MARK_RESERVED_BYTES = 4096;

    private final EpochFiles files;
    private final JournalOptions options;
    private final long blockBytes;
    private final ChronicleFile queue;
    private final DurableFiles.Handle data;
    private final DurableFiles.Handle mark;
    private final SyncWindow window;
    private long end;
    private long lastAt;
    private long syncedEnd;
    private long reservedEnd;
    private long records;
    private boolean floorChecked;

    private OpenEpoch(EpochFiles files, JournalOptions options, long blockBytes, ChronicleFile queue, DurableFiles.Handle data,
            DurableFiles.Handle mark) {
        this.files = files;
        this.options = options;
        this.blockBytes = blockBytes;
        this.queue = queue;
        this.data = data;
        this.mark = mark;
        this.window = new SyncWindow(files.data(), data, blockBytes);
    }

    /**
     * Makes an epoch with its first record. When this returns the epoch is on stable storage; when it throws, nothing of it is
     * left, and after a crash in between {@link Recovery} takes it away.
     *
     * @param largestFrameBytes a frame of this size must fit
     */
    static OpenEpoch create(EpochFiles files, JournalOptions options, Frame first, byte[] frame, int largestFrameBytes)
            throws IOException, JournalFull {
        try {
            DurableFiles.createDirectory(files.directory());
            return createIn(files, options, first, frame, largestFrameBytes);
        } catch (IOException | RuntimeException | Error e) {
            deleteAfter(e, files);
            if (e instanceof LinuxException failed && outOfSpace(failed)) {
                throw new JournalFull(files.journal(), newEpochBytes(options, frame.length), failed);
            }
            throw e;
        }
    }

    private static void deleteAfter(Throwable cause, EpochFiles files) {
        try {
            files.delete();
        } catch (IOException e) {
            cause.addSuppressed(e);
        }
    }

    private static OpenEpoch createIn(EpochFiles files, JournalOptions options, Frame first, byte[] frame, int largestFrameBytes)
            throws IOException {
        long blockBytes = ChronicleFile.blockBytesFor(largestFrameBytes);
        try (var table = DurableFiles.openOrCreate(files.table())) {
            table.reserve(0, ChronicleFile.TABLE_WRITTEN_BYTES);
            table.truncate(ChronicleFile.TABLE_BYTES);
        }
        DurableFiles.Handle mark = DurableFiles.openOrCreate(files.mark());
        return orClose(mark, () -> {
            mark.reserve(0, MARK_RESERVED_BYTES);
            ChronicleFile queue = ChronicleFile.open(files.directory(), blockBytes);
            return orClose(queue, () -> {
                DurableFiles.Handle data = DurableFiles.openOrCreate(files.data());
                return orClose(data, () -> {
                    data.truncate(ChronicleFile.initialLength(blockBytes));
                    var epoch = new OpenEpoch(files, options, blockBytes, queue, data, mark);
                    epoch.begin(first, frame);
                    return epoch;
                });
            });
        });
    }

    @FunctionalInterface
    private interface Making {
        OpenEpoch make() throws IOException;
    }

    private static OpenEpoch orClose(AutoCloseable resource, Making making) throws IOException {
        try {
            return making.make();
        } catch (IOException | RuntimeException | Error e) {
            try {
                resource.close();
            } catch (Exception closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    private void begin(Frame first, byte[] frame) throws IOException {
        reservedEnd = ChronicleFile.OVERHEAD_BYTES + frame.length + options.reserveBytes();
        data.reserve(0, reservedEnd);
        queue.append(frame);
        end = readBack(frame);
        lastAt = end - FrameReader.excerptBytes(frame.length);
        records = 1;
        sync();
        // A mark with content makes the epoch count: only then must everything else be there to stay.
        DurableFiles.syncDirectory(files.directory());
        mark.write(0, new SyncMark(first.position(), first.tag(), 0).encode());
        mark.syncData();
        DurableFiles.syncDirectory(files.journal());
    }

    /** The pair to the first write: what Chronicle put there is what our reader finds, and where. */
    private long readBack(byte[] frame) throws IOException {
        try (FrameReader reader = FrameReader.open(files.data())) {
            if (reader.next() instanceof Step.Found(Frame found, long behind) && Arrays.equals(found.encode(), frame)) {
                return behind;
            }
        }
        throw new IOException("Expected to read back the first record of " + files.data() + ", but found something else");
    }

    /** Free bytes a new epoch needs. */
    static long newEpochBytes(JournalOptions options, int frameBytes) {
        return overheadBytes() + ChronicleFile.OVERHEAD_BYTES + frameBytes + options.reserveBytes();
    }

    /** What an epoch takes on the disk besides its data. */
    static long overheadBytes() {
        return ChronicleFile.TABLE_WRITTEN_BYTES + MARK_RESERVED_BYTES;
    }

    EpochFiles files() {
        return files;
    }

    /** Bytes used, not those reserved ahead. */
    long sizeBytes() {
        return end;
    }

    /** Whether so many frames of at most this size can be appended to this epoch at all; if not, a new one must be begun. */
    boolean takes(int frames, int frameBytes) {
        return records + frames <= ChronicleFile.MAX_EXCERPTS && ChronicleFile.blockBytesFor(frameBytes) <= blockBytes;
    }

    /**
     * Makes sure that a frame can be written without meeting a full disk.
     *
     * @param essential take it from the blocks reserved ahead if there is no other way
     */
    void makeRoom(int frameBytes, boolean essential) throws JournalFull, LinuxException {
        long needed = end + FrameReader.excerptBytes(frameBytes) + Long.BYTES;
        long wanted = needed + options.reserveBytes() / 2 > reservedEnd ? needed + options.reserveBytes() : reservedEnd;
        if (floorChecked && wanted == reservedEnd) {
            return;
        }
        long missing = options.floorBytes() + (wanted - reservedEnd) - data.freeBytes();
        floorChecked = missing <= 0 && grow(wanted);
        if (!floorChecked && !(essential && needed <= reservedEnd)) {
            throw new JournalFull(files.journal(), Math.max(missing, wanted - reservedEnd), null);
        }
    }

    private boolean grow(long wanted) throws LinuxException {
        if (wanted > reservedEnd) {
            try {
                data.reserve(reservedEnd, wanted - reservedEnd);
            } catch (LinuxException e) {
                if (outOfSpace(e)) {
                    return false;
                }
                throw e;
            }
            reservedEnd = wanted;
        }
        return true;
    }

    /** Room must have been made. */
    void append(byte[] frame) {
        queue.append(frame);
        lastAt = end;
        end += FrameReader.excerptBytes(frame.length);
        records++;
    }

    void sync(Position head, long tag) throws IOException {
        sync();
        // A system call, not a store through a mapping: it also finds a file system that shut down during the sync (docs/decisions/0056).
        mark.write(0, new SyncMark(head, tag, 0).encode());
    }

    private void sync() throws IOException {
        window.sync(syncedEnd, end);
        syncedEnd = end;
        floorChecked = false;
    }

    /** Syncs, writes down that this was the end, and gives the blocks reserved ahead back. */
    void close(Position head, long tag) throws LinuxException {
        try {
            data.syncData();
            mark.write(0, new SyncMark(head, tag, lastAt).encode());
            mark.syncData();
            queue.close();
            trim(data, end);
        } finally {
            abandon();
        }
    }

    /** Lets go of the files without a word in them, as after a failure. Idempotent. */
    void abandon() {
        window.close();
        queue.close();
        data.close();
        mark.close();
    }

    /** Cuts what lies behind the last record. A header's length stays, so that Chronicle's own tools find the end too. */
    static void trim(DurableFiles.Handle data, long end) throws LinuxException {
        data.truncate(end + Long.BYTES);
        data.syncData();
    }

    static void trim(EpochFiles epoch, long end) throws IOException {
        if (Files.size(epoch.data()) > end + Long.BYTES) {
            try (var data = DurableFiles.open(epoch.data())) {
                trim(data, end);
            }
        }
    }

    private static boolean outOfSpace(LinuxException e) {
        return e.is(Errno.ENOSPC) || e.is(Errno.EDQUOT);
    }
}
