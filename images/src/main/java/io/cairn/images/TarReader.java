package io.cairn.images;

import io.vavr.control.Option;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Reads a tar archive as layers use it: ustar, PAX and GNU long names. Names and extended attributes come as the bytes they
 * are, which is what the common libraries do not offer; the memory it takes is bounded whatever the archive says. Sparse
 * files are refused: no layer tool writes them, and they let a small archive ask for any amount of disk.
 *
 * <p>Where readers are known to differ, this one does as Go's archive/tar, by which nearly all layers are written.
 */
final class TarReader {
    /** Of one PAX header or long name; the same bound as Go's. */
    private static final int MAX_META_BYTES = 1 << 20;
    private static final long MAX_ID = 0xfffffffeL;
    private static final String XATTR = "SCHILY.xattr.";

    private final InputStream in;
    private long contentLeft;
    private int padding;

    TarReader(InputStream in) {
        this.in = in;
    }

    /** What special headers say about the entry that follows them. */
    private static final class Meta {
        final Map<String, String> pax = new HashMap<>();
        final Map<String, byte[]> xattrs = new HashMap<>();
        String longName = "";
        String longLink = "";
    }

    /** The next entry; none at the end of the archive. What was not read of the last one's content is skipped. */
    Option<TarEntry> next() throws IOException {
        skip(contentLeft);
        skipPadding();
        contentLeft = 0;
        padding = 0;
        var meta = new Meta();
        for (byte[] block = block(); block != null; block = block()) {
            if (TarHeader.isZero(block)) {
                byte[] second = block();
                if (second != null && !TarHeader.isZero(second)) {
                    throw new BadLayerException("Expected two zero blocks at the end of the tar archive, but found one");
                }
                return Option.none();
            }
            TarHeader header = TarHeader.parse(block);
            switch (header.type()) {
                case 'x' -> readPax(header, meta);
                case 'g' -> meta(header);
                case 'L' -> meta.longName = upToNul(meta(header));
                case 'K' -> meta.longLink = upToNul(meta(header));
                default -> {
                    return Option.of(entry(header, meta));
                }
            }
        }
        return Option.none();
    }

    /** Reads from the content of the entry {@link #next} gave last; -1 at its end. */
    int read(byte[] buffer) throws IOException {
        if (contentLeft == 0) {
            return -1;
        }
        int count = in.read(buffer, 0, (int) Math.min(buffer.length, contentLeft));
        if (count < 0) {
            throw new BadLayerException("Expected %d more bytes of a file in the tar archive, but it ended".formatted(contentLeft));
        }
        contentLeft -= count;
        return count;
    }

    private TarEntry entry(TarHeader header, Meta meta) throws IOException {
        String name = pax(meta, "path", meta.longName.isEmpty() ? header.name() : meta.longName);
        TarEntry.Type type = type(header.type(), name);
        long size = number(meta, "size", header.size());
        long uid = number(meta, "uid", header.uid());
        long gid = number(meta, "gid", header.gid());
        if (size < 0 || uid < 0 || uid > MAX_ID || gid < 0 || gid > MAX_ID) {
            throw new BadLayerException("Expected a size of 0 or more and ids of 32 bits for %s in the tar archive, but found %d, %d and %d"
                    .formatted(RawPath.shown(name), size, uid, gid));
        }
        if (type == TarEntry.Type.REGULAR) {
            contentLeft = size;
            padding = (int) ((TarHeader.BLOCK_BYTES - size % TarHeader.BLOCK_BYTES) % TarHeader.BLOCK_BYTES);
        } else {
            size = 0;
        }
        String linkName = pax(meta, "linkpath", meta.longLink.isEmpty() ? header.linkName() : meta.longLink);
        boolean links = type == TarEntry.Type.SYMLINK || type == TarEntry.Type.HARD_LINK;
        PaxTime time = meta.pax.containsKey("mtime") ? PaxTime.parse(meta.pax.get("mtime")) : new PaxTime(header.modifiedSeconds(), 0);
        boolean device = type == TarEntry.Type.CHARACTER_DEVICE || type == TarEntry.Type.BLOCK_DEVICE;
        return new TarEntry(name, type, (int) (header.mode() & 07777), (int) uid, (int) gid, size, time.seconds(), time.nanos(),
                links ? linkName : "", device ? deviceNumber(header.major()) : 0, device ? deviceNumber(header.minor()) : 0,
                Map.copyOf(meta.xattrs));
    }

    private static TarEntry.Type type(char flag, String name) throws BadLayerException {
        return switch (flag) {
            case 0 -> name.endsWith("/") ? TarEntry.Type.DIRECTORY : TarEntry.Type.REGULAR;
            case '0', '7' -> TarEntry.Type.REGULAR;
            case '1' -> TarEntry.Type.HARD_LINK;
            case '2' -> TarEntry.Type.SYMLINK;
            case '3' -> TarEntry.Type.CHARACTER_DEVICE;
            case '4' -> TarEntry.Type.BLOCK_DEVICE;
            case '5' -> TarEntry.Type.DIRECTORY;
            case '6' -> TarEntry.Type.FIFO;
            case 'S' -> throw new BadLayerException("Expected no sparse file in a layer, but " + RawPath.shown(name) + " is one");
            default -> throw new BadLayerException("Expected a file type of ustar for %s in the tar archive, but found %d"
                    .formatted(RawPath.shown(name), (int) flag));
        };
    }

    private static int deviceNumber(long number) throws BadLayerException {
        if (number < 0 || number > Integer.MAX_VALUE) {
            throw new BadLayerException("Expected a device number of 31 bits in the tar archive, but found " + number);
        }
        return (int) number;
    }

    private static String pax(Meta meta, String key, String otherwise) {
        String value = meta.pax.getOrDefault(key, "");
        return value.isEmpty() ? otherwise : value;
    }

    private static long number(Meta meta, String key, long otherwise) throws BadLayerException {
        String value = pax(meta, key, "");
        if (value.isEmpty()) {
            return otherwise;
        }
        if (!value.matches("[0-9]{1,18}")) {
            throw new BadLayerException("Expected a number for '%s' in a PAX header, but found '%s'".formatted(key, RawPath.shown(value)));
        }
        return Long.parseLong(value);
    }

    /** Records of the form {@code 30 mtime=1350244992.023960108\n}, where the number is the length of the whole record. */
    private void readPax(TarHeader header, Meta meta) throws IOException {
        byte[] records = meta(header);
        int at = 0;
        while (at < records.length) {
            int space = indexOf(records, ' ', at, Math.min(records.length, at + 8));
            int length = space < 0 ? -1 : recordLength(new String(records, at, space - at, StandardCharsets.ISO_8859_1));
            int equals = length < 0 || length > records.length - at ? -1 : indexOf(records, '=', space, at + length);
            if (equals < 0 || records[at + length - 1] != '\n' || at + length - 1 <= equals) {
                throw new BadLayerException("Expected '<length> <key>=<value>' in a PAX header, but found something else");
            }
            String key = new String(records, space + 1, equals - space - 1, StandardCharsets.UTF_8);
            keep(key, Arrays.copyOfRange(records, equals + 1, at + length - 1), meta);
            at += length;
        }
    }

    private static int recordLength(String digits) {
        return digits.matches("[0-9]{1,7}") ? Integer.parseInt(digits) : -1;
    }

    private static void keep(String key, byte[] value, Meta meta) throws BadLayerException {
        if (key.startsWith("GNU.sparse.")) {
            throw new BadLayerException("Expected no sparse file in a layer, but a PAX header has " + RawPath.shown(key));
        }
        if (key.startsWith(XATTR)) {
            meta.xattrs.put(key.substring(XATTR.length()), value);
        } else {
            meta.pax.put(key, RawPath.raw(value));
        }
    }

    private byte[] meta(TarHeader header) throws IOException {
        long size = header.size();
        if (size < 0 || size > MAX_META_BYTES) {
            throw new BadLayerException("Expected at most %d bytes in a special tar header, but it announces %d"
                    .formatted(MAX_META_BYTES, size));
        }
        byte[] content = in.readNBytes((int) size);
        if (content.length < size) {
            throw new BadLayerException("Expected %d bytes of a special tar header, but the archive ended after %d"
                    .formatted(size, content.length));
        }
        skip((TarHeader.BLOCK_BYTES - size % TarHeader.BLOCK_BYTES) % TarHeader.BLOCK_BYTES);
        return content;
    }

    private static String upToNul(byte[] content) {
        int end = indexOf(content, 0, 0, content.length);
        return RawPath.raw(end < 0 ? content : Arrays.copyOf(content, end));
    }

    private static int indexOf(byte[] bytes, int wanted, int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == wanted) {
                return i;
            }
        }
        return -1;
    }

    private byte[] block() throws IOException {
        byte[] block = in.readNBytes(TarHeader.BLOCK_BYTES);
        if (block.length == 0) {
            return null;
        }
        if (block.length < TarHeader.BLOCK_BYTES) {
            throw new BadLayerException("Expected a tar header of 512 bytes, but the archive ended after " + block.length);
        }
        return block;
    }

    /** Some builders end an archive right behind its last file. Nothing is lost then, and the layer's digest vouches for the rest. */
    private void skipPadding() throws IOException {
        in.readNBytes(padding);
    }

    private void skip(long bytes) throws IOException {
        try {
            in.skipNBytes(bytes);
        } catch (EOFException e) {
            throw new BadLayerException("Expected %d more bytes in the tar archive, but it ended".formatted(bytes));
        }
    }
}
