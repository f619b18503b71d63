package io.cairn.images;

import io.cairn.linux.LinuxException;
import io.cairn.linux.TrashDir;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where the image store keeps what, all on one file system:
 *
 * <pre>
 * lock          held while the store is open
 * blobs/        manifests and configurations, {@code <algorithm>-<hex>}
 * layers/       {@code <algorithm>-<hex of the chain id>/}: {@code fs/} is the layer, {@code layer.json} says it is whole
 * damaged/      layers that were found damaged while a container may still stand on them
 * snapshots/    {@code <key>/}: {@code snapshot.json}, {@code fs/} and {@code work/}
 * empty/        two empty directories, since overlayfs wants two layers below a read-only mount
 * ingest/       what is being downloaded or unpacked; worthless after a crash
 * trash/        what is being deleted
 * </pre>
 */
final class StoreDirs implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(StoreDirs.class);

    final Path root;
    final Path blobs;
    final Path layers;
    final Path damaged;
    final Path snapshots;
    final Path empty;
    final TrashDir trash;

    private final Path ingest;
    private final FileChannel lock;
    private final AtomicLong nextIngest = new AtomicLong();

    private StoreDirs(Path root, FileChannel lock) throws IOException {
        this.root = root;
        this.lock = lock;
        this.blobs = Durable.directory(root.resolve("blobs"));
        this.layers = Durable.directory(root.resolve("layers"));
        this.damaged = Durable.directory(root.resolve("damaged"));
        this.snapshots = Durable.directory(root.resolve("snapshots"));
        this.empty = Durable.directory(root.resolve("empty"));
        this.ingest = Durable.directory(root.resolve("ingest"));
        this.trash = new TrashDir(Durable.directory(root.resolve("trash")));
        Durable.directory(empty.resolve("a"));
        Durable.directory(empty.resolve("b"));
    }

    /** Opens the directories and deletes what an earlier process left half-done. */
    static StoreDirs open(Path root) throws IOException {
        Files.createDirectories(root.toAbsolutePath().getParent());
        Path absolute = Durable.directory(root.toAbsolutePath()).toRealPath();
        FileChannel lock = lock(absolute.resolve("lock"));
        try {
            var dirs = new StoreDirs(absolute, lock);
            dirs.empty(new TrashDir(dirs.ingest));
            dirs.emptyTrash();
            return dirs;
        } catch (IOException | RuntimeException | Error e) {
            lock.close();
            throw e;
        }
    }

    private static FileChannel lock(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() != null) {
                return channel;
            }
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("Expected to be the only user of the image store, but this process has it open already: " + file, e);
        }
        channel.close();
        throw new IOException("Expected to be the only user of the image store, but another process holds the lock: " + file);
    }

    /**
     * Deletes what is in the trash. What cannot be deleted is out of the way already, so it is told in the log and tried again
     * next time, and fails nobody's call.
     */
    void emptyTrash() {
        empty(trash);
    }

    private void empty(TrashDir directory) {
        try {
            directory.empty();
        } catch (LinuxException e) {
            LOG.warn("Something in the image store at {} cannot be deleted and still takes space: {}", root, e.getMessage());
        }
    }

    /** A fresh name for something in the making. */
    Path ingest() {
        return ingest.resolve("i" + nextIngest.incrementAndGet());
    }

    @Override
    public void close() throws IOException {
        lock.close();
    }
}
