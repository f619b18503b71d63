package io.cairn.driver.containerd.io;

import io.cairn.linux.PlainFile;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;

/**
 * The files an output goes through, and the order in which it does: out of the FIFOs into the spools, from there to the log, then the
 * cursor. A process killed between any two of these steps, or within one, has lost nothing and written nothing twice.
 *
 * <p>Used by one thread at a time.
 */
final class Conduit implements AutoCloseable {
    private final Option<Path> path;
    private final Workers workers;
    private final Vector<Spool> spools;
    private final PlainFile cursorFile;
    /** As it is in the file. */
    private Option<Cursor> written;
    /** None until it could be opened, and where the output is dropped. */
    private Option<LogFile> log = Option.none();

    /** Makes one that says when there is something to do. */
    @FunctionalInterface
    interface Maker {
        Conduit make(Runnable news) throws IOException;
    }

    /** What has come into the log: the bytes as the program wrote them, for the clients. */
    record Piece(Stream stream, byte[] bytes) {}

    private record Taken(Spool spool, int count, byte[] bytes) {}

    /** @param written as it is in the file; none where there is none yet */
    Conduit(Option<Path> path, Workers workers, Vector<Spool> spools, PlainFile cursorFile, Option<Cursor> written) {
        this.path = path;
        this.workers = workers;
        this.spools = spools;
        this.cursorFile = cursorFile;
        this.written = written;
    }

    /**
     * Finds what was written to the log before, and goes on at its end. A log that was moved away goes on as it is, until it is asked
     * for anew or a new file is at its path. To be called before anything is moved; again if it has failed.
     */
    void openLog() throws IOException {
        if (log.isEmpty() && path.isDefined()) {
            Option<Cursor.LogMark> last = written.map(Cursor::log).filter(mark -> !mark.equals(Cursor.LogMark.NONE));
            log = last.isDefined() ? LogFile.find(path.get(), last.get()) : Option.none();
            if (log.isDefined()) {
                Catchup.run(log.get(), last.get().lengthBytes(), spools);
                settle();
            }
            if (log.isEmpty()) {
                log = Option.some(LogFile.open(path.get()));
            } else if (log.get().isReplaced()) {
                log.get().reopen();
            }
        }
        settle();
    }

    /** Has the cursor say what is. */
    private void settle() throws IOException {
        var now = new Cursor(position(Stream.STDOUT), position(Stream.STDERR),
                log.map(LogFile::mark).getOrElse(() -> written.map(Cursor::log).getOrElse(Cursor.LogMark.NONE)));
        if (!written.contains(now)) {
            now.write(cursorFile);
            written = Option.some(now);
        }
    }

    private Cursor.Position position(Stream stream) {
        return spools.find(spool -> spool.stream() == stream).map(Spool::position).getOrElse(Cursor.Position.START);
    }

    /**
     * Moves a bounded piece of each output to the log.
     *
     * @param bytesMax of each
     * @param time the lines are said to be of
     * @return what was moved; empty when there is nothing to move now
     */
    Vector<Piece> move(int bytesMax, Instant time) throws IOException {
        openLog();
        for (Spool spool : spools) {
            spool.fill();
        }
        Vector<Taken> taken = workers.borrow(buffers -> toLog(bytesMax, time, buffers));
        taken.forEach(piece -> piece.spool().consume(piece.count()));
        settle();
        for (Spool spool : spools) {
            if (spool.beginsAnew()) {
                settle();
            }
        }
        return taken.map(piece -> new Piece(piece.spool().stream(), piece.bytes()));
    }

    private Vector<Taken> toLog(int bytesMax, Instant time, Buffers buffers) throws IOException {
        Vector<Taken> taken = Vector.empty();
        buffers.log().clear();
        for (Spool spool : spools) {
            int count = spool.read(buffers.text(), bytesMax, buffers.through());
            boolean all = count == spool.backlogBytes();
            // Its share, and what those before it have left of theirs: none is left with nothing.
            buffers.log().limit(Buffers.LOG_BYTES / spools.size() * (spools.indexOf(spool) + 1));
            int used = path.isEmpty() ? count
                    : LogLines.write(spool.stream(), time, buffers.text(), count, all && spool.isHalted(), buffers.log());
            taken = used == 0 ? taken : taken.append(new Taken(spool, used, Arrays.copyOf(buffers.text(), used)));
        }
        if (buffers.log().flip().hasRemaining()) {
            log.get().append(buffers.log());
        }
        return taken;
    }

    /** How far each output has to come for all to be in the log that is in the FIFOs now. */
    Vector<Long> horizons() {
        return spools.map(Spool::horizon);
    }

    boolean hasReached(Vector<Long> horizons) {
        return spools.zip(horizons).forAll(pair -> pair._1().position().consumed() >= pair._2());
    }

    /** Goes on in the file at the log's path, which is made; nothing is done while it is still the one that is written to. */
    void reopenLog() throws IOException {
        openLog();
        for (LogFile open : log) {
            if (!open.isAtPath()) {
                requireDirectory(path.get().getParent());
                open.reopen();
                settle();
            }
        }
    }

    private static void requireDirectory(Path directory) throws IOException {
        if (!Files.isDirectory(directory)) {
            throw new IOException("its directory %s is not there".formatted(directory));
        }
    }

    boolean isEmpty() {
        return spools.forAll(spool -> spool.backlogBytes() == 0);
    }

    boolean isAtItsEnd() {
        return spools.forAll(Spool::isAtItsEnd);
    }

    void shut() {
        spools.forEach(Spool::shut);
    }

    void awaitNews() throws IOException {
        for (Spool spool : spools) {
            spool.awaitNews();
        }
    }

    @Override
    public void close() {
        spools.forEach(Spool::close);
        log.forEach(LogFile::close);
        cursorFile.close();
    }
}
