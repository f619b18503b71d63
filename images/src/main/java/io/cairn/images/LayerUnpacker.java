package io.cairn.images;

import io.cairn.images.LayerDirs.Place;
import io.cairn.images.MergedDir.Found;
import io.cairn.linux.FileHandle;
import io.cairn.linux.FileStat;
import io.cairn.linux.LinuxException;
import io.cairn.linux.OpenFile;
import io.cairn.linux.TrashDir;
import io.cairn.linux.Tree;
import io.vavr.control.Option;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import jnr.constants.platform.Errno;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unpacks the entries of one layer into its directory, in the form overlayfs takes (kernel, Documentation/filesystems/
 * overlayfs.rst): a whiteout of the archive (OCI image-spec, layer.md) becomes a character device 0/0, an opaque one an
 * attribute of the directory. Nothing outside the directory is ever read or written, see {@link LayerDirs}.
 *
 * <p>An entry replaces what an earlier one of the same name made; only a directory on a directory merges. Whiteouts are
 * about the layers below and never about entries of the same archive, in whatever order they come.
 */
final class LayerUnpacker implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LayerUnpacker.class);
    private static final String WHITEOUT = ".wh.";
    private static final String WHITEOUT_META = ".wh..wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final int CREATE_PERMISSIONS = 0600;

    private final LayerDirs dirs;
    private final TrashDir trash;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES);
    private final byte[] chunk = new byte[BUFFER_BYTES];

    LayerUnpacker(MergedDir root, TrashDir trash) throws LinuxException {
        this.trash = trash;
        this.dirs = new LayerDirs(root);
    }

    /** @param stop asked before each entry; when it says so, an InterruptedIOException ends the work */
    void unpack(TarReader archive, BooleanSupplier stop) throws IOException {
        long entries = 0;
        for (Option<TarEntry> next = archive.next(); next.isDefined(); next = archive.next()) {
            if (++entries > ImageLimits.MAX_LAYER_ENTRIES) {
                throw new BadLayerException("Expected at most %d entries in a layer, but there are more"
                        .formatted(ImageLimits.MAX_LAYER_ENTRIES));
            }
            if (stop.getAsBoolean()) {
                throw new InterruptedIOException("unpacking was stopped");
            }
            apply(next.get(), archive);
        }
        dirs.finish();
    }

    /** Takes away what the layers below have at these paths; where they have nothing, nothing is done. */
    void whiteOut(Iterable<String> paths) throws IOException {
        for (String path : paths) {
            List<String> parts = safeParts("a path", RawPath.raw(path.getBytes(java.nio.charset.StandardCharsets.UTF_8)));
            if (!parts.isEmpty()) {
                whiteOut(dirs.resolve(parts.subList(0, parts.size() - 1)), parts.getLast());
            }
        }
        dirs.finish();
    }

    boolean isRootOpaque() {
        return dirs.isRootOpaque();
    }

    private void apply(TarEntry entry, TarReader archive) throws IOException {
        List<String> parts = safeParts("a path", entry.name());
        if (parts.isEmpty()) {
            if (entry.type() != TarEntry.Type.DIRECTORY) {
                throw new BadLayerException("Expected the root of a layer to be a directory, but an entry makes it " + entry.type());
            }
            setAttributes(dirs.root(), entry);
            dirs.remember(List.of(), new PaxTime(entry.modifiedSeconds(), entry.modifiedNanos()));
            return;
        }
        if (parts.subList(0, parts.size() - 1).stream().anyMatch(part -> part.startsWith(WHITEOUT))
                || (parts.getLast().startsWith(WHITEOUT_META) && !parts.getLast().equals(OPAQUE))) {
            // Bookkeeping of aufs, as old Docker left it in layers: means nothing elsewhere.
            LOG.debug("Passing over {} in a layer", RawPath.shown(entry.name()));
            return;
        }
        Place parent = dirs.resolve(parts.subList(0, parts.size() - 1));
        if (parts.getLast().equals(OPAQUE)) {
            dirs.makeOpaque(parent.directory(), parent.path());
        } else if (parts.getLast().startsWith(WHITEOUT)) {
            whiteOut(parent, parts.getLast().substring(WHITEOUT.length()));
        } else if (entry.type() == TarEntry.Type.DIRECTORY) {
            directory(parent, parts.getLast(), entry);
        } else {
            other(parent, parts.getLast(), entry, archive);
        }
    }

    /** A leading slash means nothing in an archive; a way up is never innocent. */
    private static List<String> safeParts(String what, String raw) throws BadLayerException {
        if (raw.length() >= ImageLimits.MAX_PATH_BYTES || raw.indexOf('\0') >= 0) {
            throw new BadLayerException("Expected %s of less than %d bytes without NUL in the layer, but found '%s'"
                    .formatted(what, ImageLimits.MAX_PATH_BYTES, RawPath.shown(raw)));
        }
        List<String> parts = RawPath.split(raw);
        if (parts.contains("..")) {
            throw new BadLayerException("Expected %s in the layer to stay inside it, but found '%s'".formatted(what, RawPath.shown(raw)));
        }
        return parts;
    }

    private void whiteOut(Place parent, String name) throws IOException {
        if (name.isEmpty() || name.equals(".") || name.equals("..")) {
            throw new BadLayerException("Expected a whiteout of a file, but found one of '%s' in the layer".formatted(name));
        }
        byte[] raw = RawPath.bytes(name);
        Tree holder = parent.directory().own();
        Option<FileStat> own = Option.ofOptional(holder.stat(raw));
        if (own.exists(FileStat::isDirectory)) {
            try (MergedDir directory = dirs.enter(parent, name)) {
                dirs.makeOpaque(directory, RawPath.join(parent.path(), name));
            }
        } else if (own.isEmpty() && parent.directory().below(name).isDefined()) {
            // Where nothing is hidden, overlayfs would show the whiteout itself in a listing.
            holder.mknod(raw, FileStat.CHARACTER_DEVICE, 0, 0);
        }
    }

    private void directory(Place parent, String name, TarEntry entry) throws LinuxException {
        byte[] raw = RawPath.bytes(name);
        List<String> path = RawPath.join(parent.path(), name);
        Tree holder = parent.directory().own();
        Option<FileStat> own = Option.ofOptional(holder.stat(raw));
        boolean replaces = own.exists(stat -> !stat.isDirectory());
        if (replaces) {
            holder.unlink(raw);
            dirs.entryRemoved(path);
        }
        if (own.isEmpty() || replaces) {
            holder.mkdir(raw, CREATE_PERMISSIONS);
        }
        try (MergedDir directory = dirs.enter(parent, name)) {
            setAttributes(directory.own(), entry);
            dirs.remember(path, new PaxTime(entry.modifiedSeconds(), entry.modifiedNanos()));
            if (replaces) {
                dirs.makeOpaque(directory, path);
            }
        }
    }

    private void other(Place parent, String name, TarEntry entry, TarReader archive) throws IOException {
        switch (entry.type()) {
            case REGULAR -> {
                clear(parent, name);
                regular(parent.directory().own(), RawPath.bytes(name), entry, archive);
            }
            case HARD_LINK -> hardLink(parent, name, entry);
            case SYMLINK -> {
                symlinkTarget(entry);
                clear(parent, name);
                Tree directory = parent.directory().own();
                directory.symlink(RawPath.bytes(entry.linkName()), RawPath.bytes(name));
                setOwnerAndTime(directory, RawPath.bytes(name), entry);
            }
            case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
                clear(parent, name);
                Tree directory = parent.directory().own();
                directory.mknod(RawPath.bytes(name), entry.type().modeBits | CREATE_PERMISSIONS, entry.major(), entry.minor());
                directory.chown(RawPath.bytes(name), entry.uid(), entry.gid());
                directory.chmodCreated(RawPath.bytes(name), entry.permissions());
                directory.setTime(RawPath.bytes(name), entry.modifiedSeconds(), entry.modifiedNanos());
            }
            case DIRECTORY -> throw new IllegalStateException("Expected directories to be handled before, but got " + entry.name());
        }
    }

    private static void symlinkTarget(TarEntry entry) throws BadLayerException {
        if (entry.linkName().isEmpty() || entry.linkName().length() >= ImageLimits.MAX_PATH_BYTES || entry.linkName().indexOf('\0') >= 0) {
            throw new BadLayerException("Expected a link target of 1 to %d bytes without NUL for %s in the layer, but found '%s'"
                    .formatted(ImageLimits.MAX_PATH_BYTES - 1, RawPath.shown(entry.name()), RawPath.shown(entry.linkName())));
        }
    }

    /** Makes room for an entry that replaces whatever has its name in this layer. */
    private void clear(Place parent, String name) throws LinuxException {
        byte[] raw = RawPath.bytes(name);
        Tree holder = parent.directory().own();
        Option<FileStat> own = Option.ofOptional(holder.stat(raw));
        if (own.exists(FileStat::isDirectory)) {
            trash.take(holder, raw);
        } else if (own.isDefined()) {
            holder.unlink(raw);
        }
        if (own.isDefined()) {
            dirs.entryRemoved(RawPath.join(parent.path(), name));
        }
    }

    private void regular(Tree directory, byte[] name, TarEntry entry, TarReader archive) throws IOException {
        try (OpenFile file = directory.create(name, CREATE_PERMISSIONS)) {
            for (int count = archive.read(chunk); count >= 0; count = archive.read(chunk)) {
                file.write(buffer.clear().put(chunk, 0, count).flip());
            }
            setAttributes(file, entry);
            file.setTime(entry.modifiedSeconds(), entry.modifiedNanos());
        }
    }

    private void hardLink(Place parent, String name, TarEntry entry) throws IOException {
        List<String> target = safeParts("the target of a hard link", entry.linkName());
        if (target.isEmpty()) {
            throw new BadLayerException("Expected a file as the target of the hard link %s in the layer, but it is the root"
                    .formatted(RawPath.shown(entry.name())));
        }
        List<String> own = RawPath.join(parent.path(), name);
        // Resolving another directory closes the handle of the first one.
        Place holder = dirs.resolve(target.subList(0, target.size() - 1));
        List<String> existing = RawPath.join(holder.path(), target.getLast());
        if (existing.equals(own)) {
            return;
        }
        byte[] from = RawPath.bytes(target.getLast());
        Option<FileStat> stat = Option.ofOptional(holder.directory().own().stat(from));
        if (stat.isEmpty()) {
            copyUp(holder, target.getLast(), entry);
        } else if (stat.get().isDirectory() || stat.get().isWhiteout()) {
            throw noTarget(entry);
        }
        try (Tree source = holder.directory().own().enter(RawPath.bytes("."))) {
            Place place = dirs.resolve(own.subList(0, own.size() - 1));
            clear(place, name);
            place.directory().own().link(source, from, RawPath.bytes(name));
        }
    }

    private static BadLayerException noTarget(TarEntry entry) {
        return new BadLayerException("Expected a file as the target of the hard link %s → %s in the layer, but there is none"
                .formatted(RawPath.shown(entry.name()), RawPath.shown(entry.linkName())));
    }

    /** A link to a file of a layer below makes that file one of this layer, as overlayfs itself would do it. */
    private void copyUp(Place holder, String name, TarEntry entry) throws IOException {
        Found found = holder.directory().below(name).getOrElseThrow(() -> noTarget(entry));
        byte[] raw = RawPath.bytes(name);
        Tree directory = holder.directory().own();
        FileStat stat = found.stat();
        if (stat.isSymlink()) {
            directory.symlink(found.directory().readLink(raw), raw);
            directory.chown(raw, stat.uid(), stat.gid());
            directory.setTime(raw, stat.modifiedSeconds(), stat.modifiedNanos());
            return;
        }
        if (!stat.isRegular()) {
            throw noTarget(entry);
        }
        try (OpenFile original = found.directory().read(raw); OpenFile copy = directory.create(raw, CREATE_PERMISSIONS)) {
            while (original.read(buffer.clear()) >= 0) {
                copy.write(buffer.flip());
            }
            LayerDirs.copyAttributes(original, copy);
            copy.setTime(stat.modifiedSeconds(), stat.modifiedNanos());
        }
    }

    private static void setOwnerAndTime(Tree directory, byte[] name, TarEntry entry) throws LinuxException {
        directory.chown(name, entry.uid(), entry.gid());
        directory.setTime(name, entry.modifiedSeconds(), entry.modifiedNanos());
    }

    /** In this order: a change of owner clears setuid bits and capabilities. */
    private static void setAttributes(FileHandle handle, TarEntry entry) throws LinuxException {
        handle.chown(entry.uid(), entry.gid());
        handle.chmod(entry.permissions());
        for (Map.Entry<String, byte[]> xattr : entry.xattrs().entrySet()) {
            if (XattrRules.isKept(xattr.getKey(), entry.type() == TarEntry.Type.REGULAR)) {
                setXattr(handle, xattr.getKey(), xattr.getValue(), entry);
            } else {
                LOG.debug("Leaving out {} of {} in a layer", RawPath.shown(xattr.getKey()), RawPath.shown(entry.name()));
            }
        }
    }

    private static void setXattr(FileHandle handle, String name, byte[] value, TarEntry entry) throws LinuxException {
        try {
            handle.setXattr(name, value);
        } catch (LinuxException e) {
            if (!e.is(Errno.EOPNOTSUPP)) {
                throw e;
            }
            LOG.debug("The file system cannot keep {} of {}", name, RawPath.shown(entry.name()));
        }
    }

    @Override
    public void close() {
        dirs.close();
    }
}
