package io.cairn.journal;

import java.io.File;
import java.nio.file.Path;
import net.openhft.chronicle.bytes.Bytes;
import net.openhft.chronicle.bytes.PageUtil;
import net.openhft.chronicle.bytes.SyncMode;
import net.openhft.chronicle.core.Jvm;
import net.openhft.chronicle.core.onoes.ExceptionHandler;
import net.openhft.chronicle.queue.ExcerptAppender;
import net.openhft.chronicle.queue.RollCycles;
import net.openhft.chronicle.queue.impl.RollingResourcesCache;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueue;
import net.openhft.chronicle.queue.impl.single.SingleChronicleQueueBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Chronicle queue of one epoch, append-only. The only class that knows Chronicle.
 *
 * <p>It is set up so that it writes in one place only, behind the last excerpt: the clock stands still, so there is one file;
 * the index is so sparse that its two pages are made with the file and never again ({@link #MAX_EXCERPTS}). The caller has
 * reserved every block it can touch.
 *
 * <p>Not thread-safe; may be used by another thread than the one that opened it.
 */
final class ChronicleFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ChronicleFile.class);

    private static final int INDEX_COUNT = 8;
    private static final int INDEX_SPACING = 1 << 20;

    /** From here on Chronicle would put a new index page between the records. */
    static final long MAX_EXCERPTS = (long) INDEX_COUNT * INDEX_SPACING;

    /** Header and both index pages take less than this; so does what Chronicle clears behind an excerpt. */
    static final int OVERHEAD_BYTES = 4096;

    /** Length of the table store, and how much of it is ever written. */
    static final int TABLE_BYTES = 128 << 10;

    static final int TABLE_WRITTEN_BYTES = 16 << 10;

    private static final int SMALLEST_BLOCK_BYTES = 1 << 20;

    static {
        setIfAbsent("chronicle.announcer.disable", "true");
        setIfAbsent("chronicle.disk.monitor.disable", "true");
        setIfAbsent("chronicle.analytics.disable", "true");
        setIfAbsent("background.releaser", "false");
        ExceptionHandler error = (Logger _, String message, Throwable thrown) -> LOG.error("Chronicle: {}", message, thrown);
        ExceptionHandler warning = (Logger _, String message, Throwable thrown) -> LOG.debug("Chronicle: {}", message, thrown);
        Jvm.setExceptionHandlers(error, warning, null, null);
    }

    private final SingleChronicleQueue queue;
    private final ExcerptAppender appender;

    private ChronicleFile(SingleChronicleQueue queue, ExcerptAppender appender) {
        this.queue = queue;
        this.appender = appender;
    }

    /** What takes Chronicle longest before it comes to a queue: its way into the JVM, the names of its files, the host's mounts. */
    static void preload() {
        new RollingResourcesCache(RollCycles.FAST_DAILY, 0, File::new, File::getName).resourceFor(0);
        PageUtil.getPageSize("/");
    }

    /**
     * Opens a queue in a directory with nothing but a zeroed table store of {@link #TABLE_BYTES}. The data file must not be
     * there yet and must be there, zeroed, before the first append: Chronicle takes one it finds now for a broken old one.
     */
    static ChronicleFile open(Path directory, long blockBytes) {
        SingleChronicleQueue queue = SingleChronicleQueueBuilder.binary(directory)
                .rollCycle(RollCycles.FAST_DAILY)
                .timeProvider(() -> 0)
                .blockSize(blockBytes)
                .indexCount(INDEX_COUNT)
                .indexSpacing(INDEX_SPACING)
                .syncMode(SyncMode.NONE)
                .build();
        try {
            ExcerptAppender appender = queue.createAppender();
            appender.singleThreadedCheckDisabled(true);
            return new ChronicleFile(queue, appender);
        } catch (RuntimeException | Error e) {
            queue.close();
            throw e;
        }
    }

    /** The mapping unit that lets a frame of this size in: Chronicle maps a quarter of it more, and a record must fit into that. */
    static long blockBytesFor(int frameBytes) {
        long fitting = 4L * (frameBytes + OVERHEAD_BYTES);
        return Math.max(SMALLEST_BLOCK_BYTES, (fitting + 0xffff) & ~0xffffL);
    }

    /** The length Chronicle gives a file so that it can map its first block. */
    static long initialLength(long blockBytes) {
        return blockBytes + blockBytes / 4;
    }

    void append(byte[] frame) {
        appender.writeBytes(Bytes.wrapForRead(frame));
    }

    @Override
    public void close() {
        appender.close();
        queue.close();
    }

    private static void setIfAbsent(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }
}
