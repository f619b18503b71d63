package io.cairn.images;

import io.cairn.linux.FileHandle;
import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.OpenFile;
import io.cairn.linux.TrashDir;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What was written above the layers of a snapshot, as an archive of files and a list of what was taken away: the form in which checkpoint
 * archives have it. Of any overlay: it need not be one of this store.
 */
public final class SnapshotDiff implements AutoCloseable {
    private final Tree root;
    private final TarWriter tar;
    private final Map<Long, String> linked = new HashMap<>();
    private Vector<String> deleted = Vector.empty();

    private SnapshotDiff(Tree root, TarWriter tar) {
        this.root = root;
        this.tar = tar;
    }

    /**
     * The overlay may be mounted and written to meanwhile.
     *
     * @param upper of the overlay
     * @param archive a file that is not there
     * @return what is taken away, by its path from the root
     */
    public static Vector<String> write(Path upper, Path archive) throws IOException {
        try (OutputStream out = new BufferedOutputStream(Channels.newOutputStream(Durable.create(archive)), 1 << 16);
                var diff = new SnapshotDiff(Tree.open(upper), new TarWriter(out))) {
            diff.entry("", diff.root.stat(), new byte[0]);
            TreeWalk.visit(diff.root.enter(RawPath.bytes(".")), diff::visit);
            diff.tar.end();
            return diff.deleted;
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    /**
     * Puts it into an overlay that was not mounted yet.
     *
     * @param lowers of the overlay, the top one first
     * @param trash on the file system of the upper directory; the caller empties it
     * @param archive of files, in which whiteouts are those of an image's layer
     * @param deleted what is to be taken away, by its path from the root
     */
    public static void apply(Path upper, Vector<Path> lowers, TrashDir trash, Option<Path> archive, Vector<String> deleted) throws IOException {
        try (MergedDir root = MergedDir.root(upper, lowers); var unpacker = new LayerUnpacker(root, trash)) {
            unpacker.whiteOut(deleted);
            if (archive.isDefined()) {
                try (InputStream in = TarFiles.open(archive.get())) {
                    unpacker.unpack(new TarReader(in), () -> false);
                }
            }
        }
    }

    private void visit(byte[] path, FileStat stat) {
        try {
            if (stat.isWhiteout()) {
                deleted = deleted.append("/" + new String(path, java.nio.charset.StandardCharsets.UTF_8));
            } else {
                entry(RawPath.raw(path), stat, path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void entry(String name, FileStat stat, byte[] path) throws IOException {
        Option<TarEntry.Type> type = type(stat);
        if (type.isEmpty()) {
            // A socket: it lives as long as the program that listens, and is made by it again.
            return;
        }
        String other = stat.isRegular() && stat.links() > 1 ? linked.putIfAbsent(stat.inode(), name) : null;
        if (other != null) {
            write(name, TarEntry.Type.HARD_LINK, stat, other, Map.of(), 0, InputStream.nullInputStream());
            return;
        }
        int slash = lastSlash(path);
        try (Tree directory = root.enter(slash < 0 ? RawPath.bytes(".") : Arrays.copyOf(path, slash))) {
            byte[] last = Arrays.copyOfRange(path, slash + 1, path.length);
            switch (type.get()) {
                case REGULAR -> regular(name, stat, directory, last);
                case DIRECTORY -> directory(name, stat, directory, last);
                case SYMLINK -> write(name, type.get(), stat, RawPath.raw(directory.readLink(last)), Map.of(), 0, InputStream.nullInputStream());
                case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO ->
                    write(name, type.get(), stat, "", Map.of(), 0, InputStream.nullInputStream());
                case HARD_LINK -> throw new IllegalStateException("Expected no inode to be a hard link");
            }
        }
    }

    private void regular(String name, FileStat stat, Tree directory, byte[] last) throws IOException {
        try (OpenFile file = directory.read(last)) {
            write(name, TarEntry.Type.REGULAR, stat, "", xattrs(file, true), file.stat().sizeBytes(), new FileContent(file));
        }
    }

    private void directory(String name, FileStat stat, Tree directory, byte[] last) throws IOException {
        try (Tree own = directory.enter(last.length == 0 ? RawPath.bytes(".") : last)) {
            write(name.isEmpty() ? "./" : name + "/", TarEntry.Type.DIRECTORY, stat, "", xattrs(own, false), 0, InputStream.nullInputStream());
            if (!name.isEmpty() && own.xattr(MergedDir.OPAQUE).isPresent()) {
                // Of the directory below by this name, nothing is left; the entries of this one come after.
                var mark = new TarEntry(name + "/.wh..wh..opq", TarEntry.Type.REGULAR, 0600, 0, 0, 0, 0, 0, "", 0, 0, Map.of());
                tar.write(mark, InputStream.nullInputStream());
            }
        }
    }

    private void write(String name, TarEntry.Type type, FileStat stat, String link, Map<String, byte[]> xattrs, long size, InputStream content)
            throws IOException {
        tar.write(new TarEntry(name, type, stat.permissions(), stat.uid(), stat.gid(), size, stat.modifiedSeconds(), stat.modifiedNanos(),
                link, stat.specialMajor(), stat.specialMinor(), xattrs), content);
    }

    private static Map<String, byte[]> xattrs(FileHandle file, boolean isRegular) throws LinuxException {
        var kept = new HashMap<String, byte[]>();
        for (String name : file.xattrs()) {
            if (XattrRules.isKept(name, isRegular)) {
                file.xattr(name).ifPresent(value -> kept.put(name, value));
            }
        }
        return kept;
    }

    private static Option<TarEntry.Type> type(FileStat stat) {
        return Vector.of(TarEntry.Type.values()).find(type -> type.modeBits == (stat.mode() & FileStat.TYPE_MASK));
    }

    private static int lastSlash(byte[] path) {
        int at = path.length - 1;
        while (at >= 0 && path[at] != '/') {
            at--;
        }
        return at;
    }

    @Override
    public void close() {
        root.close();
    }
}
