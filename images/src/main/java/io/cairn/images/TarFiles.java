package io.cairn.images;

import io.cairn.linux.FileStat;
import io.cairn.linux.OpenFile;
import io.cairn.linux.Tree;
import io.cairn.linux.TreeWalk;
import io.vavr.control.Option;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.GZIPInputStream;

/** The regular files of an archive that anybody may have written; what else is in it is passed over. */
public final class TarFiles {
    private static final int GZIP_MAGIC_0 = 0x1f;
    private static final int GZIP_MAGIC_1 = 0x8b;

    private TarFiles() {}

    /** Takes one file; what it leaves of the content is skipped. */
    @FunctionalInterface
    public interface Visitor {
        /** @param name as the archive has it, without a {@code ./} before it: not to be trusted as a path */
        void visit(String name, long sizeBytes, InputStream content) throws IOException;
    }

    /** @throws IOException also when it is no tar archive, or is cut short */
    public static void read(Path archive, Visitor visitor) throws IOException {
        try (InputStream in = open(archive)) {
            read(in, visitor);
        }
    }

    /** The same of an archive that is not compressed, and comes from elsewhere than a file. */
    public static void read(InputStream in, Visitor visitor) throws IOException {
        var tar = new TarReader(in);
        for (Option<TarEntry> next = tar.next(); next.isDefined(); next = tar.next()) {
            TarEntry entry = next.get();
            if (entry.type() == TarEntry.Type.REGULAR) {
                String name = RawPath.raw(RawPath.bytes(entry.name().startsWith("./") ? entry.name().substring(2) : entry.name()));
                visitor.visit(name, entry.sizeBytes(), new Content(tar));
            }
        }
    }

    /** The same of an archive that is unpacked: no link is followed. */
    public static void readUnpacked(Path directory, Visitor visitor) throws IOException {
        try (Tree root = Tree.open(directory)) {
            TreeWalk.visit(root.enter(RawPath.bytes(".")), (path, stat) -> {
                if (stat.isRegular()) {
                    visit(root, path, stat, visitor);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static void visit(Tree root, byte[] path, FileStat stat, Visitor visitor) {
        List<String> parts = RawPath.split(RawPath.raw(path));
        try (Tree directory = root.enter(RawPath.bytes(parts.size() == 1 ? List.of(".") : parts.subList(0, parts.size() - 1)));
                OpenFile file = directory.read(RawPath.bytes(parts.getLast()))) {
            visitor.visit(RawPath.raw(path), stat.sizeBytes(), new FileContent(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An archive, decompressed if it is one of gzip's. */
    static InputStream open(Path archive) throws IOException {
        var in = new BufferedInputStream(Files.newInputStream(archive), 1 << 16);
        try {
            in.mark(2);
            boolean zipped = in.read() == GZIP_MAGIC_0 && in.read() == GZIP_MAGIC_1;
            in.reset();
            return zipped ? new BufferedInputStream(new GZIPInputStream(in, 1 << 16), 1 << 16) : in;
        } catch (IOException e) {
            in.close();
            throw e;
        }
    }

    private static final class Content extends InputStream {
        private final TarReader tar;

        Content(TarReader tar) {
            this.tar = tar;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return tar.read(one) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            if (offset == 0 && length == buffer.length) {
                return length == 0 ? 0 : tar.read(buffer);
            }
            byte[] part = new byte[Math.min(length, 1 << 16)];
            int count = part.length == 0 ? 0 : tar.read(part);
            if (count > 0) {
                System.arraycopy(part, 0, buffer, offset, count);
            }
            return count;
        }
    }
}
