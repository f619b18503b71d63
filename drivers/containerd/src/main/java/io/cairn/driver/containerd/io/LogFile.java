package io.cairn.driver.containerd.io;

import io.cairn.linux.FileStat;
import io.cairn.linux.PlainFile;
import io.cairn.linux.PlainFile.Writing;
import io.vavr.control.Option;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NotDirectoryException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * The log of a container: a regular file at a path, never a symbolic link, which a pod that can write to the log directory could put
 * there to have the daemon write elsewhere. Used by one thread at a time.
 */
final class LogFile implements AutoCloseable {
    /** As conmon's logs: whoever collects logs may be of the daemon's group. */
    private static final int PERMISSIONS = 0640;

    private final Path path;
    private PlainFile file;
    private Cursor.LogMark mark;

    private LogFile(Path path, PlainFile file) throws IOException {
        this.path = path;
        this.file = file;
        this.mark = markOf(file.stat());
    }

    /** Opens the file at the path, or makes it. */
    static LogFile open(Path path) throws IOException {
        PlainFile file = PlainFile.openOrCreate(path, PERMISSIONS, Writing.APPENDED);
        try {
            return new LogFile(path, file);
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Opens the very file that was written to last, which may have been moved away from the path within its directory. */
    static Option<LogFile> find(Path path, Cursor.LogMark last) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(path.getParent())) {
            for (Path candidate : files) {
                if (isInode(candidate, last.inode())) {
                    Option<LogFile> found = ifSame(path, candidate, last);
                    if (found.isDefined()) {
                        return found;
                    }
                }
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            // The directory is gone, and with it the log.
        }
        return Option.none();
    }

    private static boolean isInode(Path candidate, long inode) throws IOException {
        try {
            return Files.getAttribute(candidate, "unix:ino", LinkOption.NOFOLLOW_LINKS) instanceof Long ino && ino == inode;
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    private static Option<LogFile> ifSame(Path path, Path candidate, Cursor.LogMark last) throws IOException {
        for (PlainFile file : Option.ofOptional(PlainFile.open(candidate, Writing.APPENDED))) {
            var log = new LogFile(path, file);
            if (log.mark.device() == last.device() && log.mark.inode() == last.inode()) {
                return Option.some(log);
            }
            log.close();
        }
        return Option.none();
    }

    private static Cursor.LogMark markOf(FileStat stat) {
        return new Cursor.LogMark(stat.device(), stat.inode(), stat.sizeBytes());
    }

    /** Which file it is, and how long after the last thing that was done to it here. */
    Cursor.LogMark mark() {
        return mark;
    }

    /** Writes all, or nothing: what of it came into the file before the disk was full is cut off again. */
    void append(ByteBuffer lines) throws IOException {
        long lengthBytes = file.stat().sizeBytes();
        int count = lines.remaining();
        try {
            file.write(lengthBytes, lines);
        } catch (IOException e) {
            file.truncate(lengthBytes);
            throw e;
        }
        mark = new Cursor.LogMark(mark.device(), mark.inode(), lengthBytes + count);
    }

    int read(long at, ByteBuffer bytes) throws IOException {
        return file.read(at, bytes);
    }

    void cut(long lengthBytes) throws IOException {
        file.truncate(lengthBytes);
        mark = new Cursor.LogMark(mark.device(), mark.inode(), lengthBytes);
    }

    /** Whether another file is at the path. */
    boolean isReplaced() throws IOException {
        return Files.exists(path, LinkOption.NOFOLLOW_LINKS) && !isAtPath();
    }

    /** Whether it is still the file at the path. */
    boolean isAtPath() throws IOException {
        return isInode(path, mark.inode());
    }

    /** Goes on with the file at the path, which is made if there is none. What is open stays so when that fails. */
    void reopen() throws IOException {
        PlainFile fresh = PlainFile.openOrCreate(path, PERMISSIONS, Writing.APPENDED);
        try {
            mark = markOf(fresh.stat());
        } catch (IOException e) {
            fresh.close();
            throw e;
        }
        file.close();
        file = fresh;
    }

    @Override
    public void close() {
        file.close();
    }
}
