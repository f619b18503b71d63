package io.cairn.driver.containerd.io;

import io.cairn.linux.Fifo;
import io.cairn.linux.PlainFile;
import io.cairn.linux.PlainFile.Writing;
import io.cairn.linux.Poller;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One output on its way: what has been taken out of the FIFO and is not in the log yet. Offsets count from the container's start.
 *
 * <p>Used by one thread at a time; the poller only tells.
 */
final class Spool implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Spool.class);
    /** Beyond it nothing more is taken in until all is in the log and the file can begin anew. */
    static final int FILE_BYTES_MAX = 1 << 20;
    /** No more than this is taken in before it has gone to the log: what else there is waits in the FIFO. */
    static final int BACKLOG_BYTES_MAX = 256 * 1024;
    private static final int OWNER_ONLY = 0600;

    /** What was found when the FIFO was last looked into. */
    private enum Inlet { FLOWS, EMPTY, NOBODY_WRITES, SHUT }

    private final Stream stream;
    private final Fifo fifo;
    private final PlainFile file;
    private final int pipeBytes;
    private long base;
    private long consumed;
    private long end;
    private Inlet inlet = Inlet.FLOWS;
    private volatile boolean awaitsNews;

    private Spool(Stream stream, Path fifo, PlainFile file, int pipeBytesMax, Poller poller, Runnable news) throws IOException {
        this.stream = stream;
        this.file = file;
        this.fifo = Fifo.openToRead(poller, fifo, () -> {
            awaitsNews = false;
            news.run();
        });
        this.pipeBytes = this.fifo.enlarge(pipeBytesMax);
    }

    /**
     * @param at as the cursor has it
     * @param pipeBytesMax how much the FIFO is to hold, if so much is granted
     */
    static Spool open(Stream stream, OutputFiles files, Cursor.Position at, int pipeBytesMax, Poller poller, Runnable news) throws IOException {
        PlainFile file = PlainFile.openOrCreate(files.spool(stream), OWNER_ONLY, Writing.PLACED);
        try {
            var spool = new Spool(stream, files.fifo(stream), file, pipeBytesMax, poller, news);
            spool.goOnAt(at);
            return spool;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** A file that ends before what is consumed was about to begin anew, or somebody has cut it: what is missing is in the log. */
    private void goOnAt(Cursor.Position at) throws IOException {
        long sizeBytes = file.stat().sizeBytes();
        base = at.base();
        consumed = at.consumed();
        end = base + sizeBytes;
        if (end < consumed) {
            if (sizeBytes > 0) {
                LOG.warn("Expected {} to have at least {} bytes, but it has {}: goes on after what the log has", file, consumed - base, sizeBytes);
            }
            beginAnew();
        }
    }

    Stream stream() {
        return stream;
    }

    Fifo fifo() {
        return fifo;
    }

    Cursor.Position position() {
        return new Cursor.Position(base, consumed);
    }

    int backlogBytes() {
        return (int) Math.min(end - consumed, Integer.MAX_VALUE);
    }

    /** Where it will have come when all is consumed that is in the FIFO now, at most. */
    long horizon() {
        return end + pipeBytes;
    }

    /** Takes in what the FIFO has, within the bounds. */
    void fill() throws IOException {
        if (inlet == Inlet.SHUT) {
            return;
        }
        inlet = Inlet.FLOWS;
        long room = end - base > FILE_BYTES_MAX ? 0 : BACKLOG_BYTES_MAX - (end - consumed);
        while (room > 0 && inlet == Inlet.FLOWS) {
            int moved = fifo.moveTo(file, end - base, (int) room);
            switch (moved) {
                case Fifo.EMPTY -> inlet = Inlet.EMPTY;
                case Fifo.NOBODY_WRITES -> inlet = Inlet.NOBODY_WRITES;
                default -> {
                    end += moved;
                    room -= moved;
                }
            }
        }
    }

    /** Nothing more is taken in: what a writer who has stayed behind has to say is not waited for. */
    void shut() {
        inlet = Inlet.SHUT;
    }

    /** Nobody can write to it, or nobody is listened to. */
    boolean isAtItsEnd() {
        return inlet == Inlet.NOBODY_WRITES || inlet == Inlet.SHUT;
    }

    /** The log is not to wait for the end of a line: none has come, or there is no room for it. */
    boolean isHalted() {
        return inlet != Inlet.FLOWS || end - base > FILE_BYTES_MAX;
    }

    /**
     * Reads what comes next for the log, without consuming it.
     *
     * @return how many bytes
     */
    int read(byte[] target, int bytesMax, ByteBuffer through) throws IOException {
        int wanted = Math.min(Math.min(target.length, bytesMax), backlogBytes());
        through.clear().limit(wanted);
        while (through.hasRemaining()) {
            if (file.read(consumed - base + through.position(), through) < 0) {
                throw new IOException("Expected %s to have %d bytes, but it is shorter".formatted(file, end - base));
            }
        }
        through.flip().get(target, 0, wanted);
        return wanted;
    }

    void consume(int bytes) {
        consumed += bytes;
    }

    /**
     * Gives the file's memory back when it has grown and all of it is consumed, which the cursor must say already: a file that is
     * shorter than the cursor says is one of which the cursor does not know yet that it has begun anew.
     *
     * @return whether it has; the cursor is to be written before anything else is taken in
     */
    boolean beginsAnew() throws IOException {
        if (end - base <= FILE_BYTES_MAX || consumed < end) {
            return false;
        }
        beginAnew();
        return true;
    }

    private void beginAnew() throws IOException {
        file.truncate(0);
        base = consumed;
        end = consumed;
    }

    /** Has the news told once there are any. */
    void awaitNews() throws IOException {
        if (awaitsNews || inlet == Inlet.SHUT) {
            return;
        }
        if (inlet == Inlet.NOBODY_WRITES) {
            // Before the shim has come, or when a program has closed its output.
            fifo.forgetWriters();
        }
        awaitsNews = true;
        fifo.awaitNews();
    }

    @Override
    public void close() {
        fifo.close();
        file.close();
    }
}
