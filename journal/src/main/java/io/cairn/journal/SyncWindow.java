package io.cairn.journal;

import io.cairn.linux.DurableFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Makes a range of the data file durable with msync(2) on a mapping of our own, which is never touched and so takes no memory.
 *
 * <p>Compared with fdatasync(2) this leaves out the page with Chronicle's write position, which is dirtied by every append and
 * needed by nobody: one write and one page fault less per sync. Compared with Chronicle's own {@code sync()}: it throws.
 *
 * <p>The window is the block Chronicle appends to; when it is left, one fdatasync covers both. Not thread-safe.
 */
final class SyncWindow implements AutoCloseable {
    private final Path file;
    private final DurableFiles.Handle data;
    private final long blockBytes;
    private Arena arena = Arena.ofShared();
    private MemorySegment window = MemorySegment.NULL;
    private long windowStart;

    SyncWindow(Path file, DurableFiles.Handle data, long blockBytes) {
        this.file = file;
        this.data = data;
        this.blockBytes = blockBytes;
    }

    /** What was written to the range is on stable storage when this returns. */
    void sync(long from, long to) throws IOException {
        if (from < windowStart || to > windowStart + window.byteSize()) {
            data.syncData();
            move(to);
            return;
        }
        try {
            window.asSlice(from - windowStart, to - from).force();
        } catch (UncheckedIOException e) {
            throw new IOException("msync of %s, bytes %d to %d: %s".formatted(file, from, to, e.getMessage()), e);
        }
    }

    private void move(long to) throws IOException {
        arena.close();
        arena = Arena.ofShared();
        windowStart = to / blockBytes * blockBytes;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            long length = Math.min(ChronicleFile.initialLength(blockBytes), channel.size() - windowStart);
            window = channel.map(MapMode.READ_WRITE, windowStart, length, arena);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }
}
