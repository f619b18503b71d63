package io.cairn.images;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/**
 * Writes a tar archive that {@link TarReader} and every other tool reads: ustar, with a PAX header before each entry that has what ustar
 * has no room for. Belongs to one thread; the stream stays the caller's.
 */
public final class TarWriter {
    private static final int BLOCK = TarHeader.BLOCK_BYTES;
    private static final int NAME_BYTES = 100;
    private static final long OCTAL_12_MAX = 077777777777L;
    private static final int OCTAL_8_MAX = 07777777;
    private static final byte[] END = new byte[2 * BLOCK];
    private static final String XATTR = "SCHILY.xattr.";

    private final OutputStream out;

    public TarWriter(OutputStream out) {
        this.out = out;
    }

    /** A plain file of root's, readable by nobody else. */
    public void file(String name, long sizeBytes, InputStream content) throws IOException {
        long now = System.currentTimeMillis() / 1000;
        write(new TarEntry(name, TarEntry.Type.REGULAR, 0600, 0, 0, sizeBytes, now, 0, "", 0, 0, Map.of()), content);
    }

    /** A program of root's that everybody may run; the same bytes each time. */
    public void program(String name, byte[] content) throws IOException {
        write(new TarEntry(name, TarEntry.Type.REGULAR, 0555, 0, 0, content.length, 0, 0, "", 0, 0, Map.of()), new ByteArrayInputStream(content));
    }

    /** A directory of root's. */
    public void directory(String name) throws IOException {
        long now = System.currentTimeMillis() / 1000;
        write(new TarEntry(name, TarEntry.Type.DIRECTORY, 0700, 0, 0, 0, now, 0, "", 0, 0, Map.of()), InputStream.nullInputStream());
    }

    /** @param content of a regular file: as many bytes as it announces */
    void write(TarEntry entry, InputStream content) throws IOException {
        byte[] pax = pax(entry);
        if (pax.length > 0) {
            out.write(header("PaxHeaders/entry", 'x', 0644, 0, 0, pax.length, entry, ""));
            out.write(pax);
            pad(pax.length);
        }
        out.write(header(entry.name(), flag(entry.type()), entry.permissions(), entry.uid(), entry.gid(), entry.sizeBytes(), entry,
                entry.linkName()));
        copy(entry, content);
        pad(entry.sizeBytes());
    }

    private void copy(TarEntry entry, InputStream content) throws IOException {
        byte[] buffer = new byte[1 << 16];
        for (long left = entry.sizeBytes(); left > 0; ) {
            int count = content.read(buffer, 0, (int) Math.min(buffer.length, left));
            if (count < 0) {
                // It was cut short while it was read: what a program truncates reads as zeros from there.
                count = (int) Math.min(buffer.length, left);
                Arrays.fill(buffer, 0, count, (byte) 0);
            }
            out.write(buffer, 0, count);
            left -= count;
        }
    }

    private void pad(long size) throws IOException {
        out.write(END, 0, (int) ((BLOCK - size % BLOCK) % BLOCK));
    }

    private static byte[] header(String name, char flag, int permissions, int uid, int gid, long size, TarEntry entry, String link) {
        byte[] block = new byte[BLOCK];
        put(block, 0, NAME_BYTES, RawPath.bytes(name));
        octal(block, 100, 8, permissions);
        octal(block, 108, 8, Math.min(Integer.toUnsignedLong(uid), OCTAL_8_MAX));
        octal(block, 116, 8, Math.min(Integer.toUnsignedLong(gid), OCTAL_8_MAX));
        octal(block, 124, 12, Math.min(size, OCTAL_12_MAX));
        octal(block, 136, 12, Math.clamp(entry.modifiedSeconds(), 0, OCTAL_12_MAX));
        block[156] = (byte) flag;
        put(block, 157, NAME_BYTES, RawPath.bytes(link));
        put(block, 257, 8, "ustar\00000".getBytes(StandardCharsets.ISO_8859_1));
        octal(block, 329, 8, entry.major());
        octal(block, 337, 8, entry.minor());
        Arrays.fill(block, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : block) {
            sum += b & 0xff;
        }
        put(block, 148, 8, "%06o\0 ".formatted(sum).getBytes(StandardCharsets.ISO_8859_1));
        return block;
    }

    private static void octal(byte[] block, int at, int length, long value) {
        String digits = Long.toOctalString(value);
        put(block, at, length - 1, ("0".repeat(length - 1 - digits.length()) + digits).getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void put(byte[] block, int at, int length, byte[] bytes) {
        System.arraycopy(bytes, 0, block, at, Math.min(length, bytes.length));
    }

    private static char flag(TarEntry.Type type) {
        return switch (type) {
            case REGULAR -> '0';
            case HARD_LINK -> '1';
            case SYMLINK -> '2';
            case CHARACTER_DEVICE -> '3';
            case BLOCK_DEVICE -> '4';
            case DIRECTORY -> '5';
            case FIFO -> '6';
        };
    }

    /** What does not fit into ustar's fields. */
    private static byte[] pax(TarEntry entry) {
        var records = new TreeMap<String, byte[]>();
        if (entry.name().length() > NAME_BYTES || !isAscii(entry.name())) {
            records.put("path", RawPath.bytes(entry.name()));
        }
        if (entry.linkName().length() > NAME_BYTES || !isAscii(entry.linkName())) {
            records.put("linkpath", RawPath.bytes(entry.linkName()));
        }
        if (entry.sizeBytes() > OCTAL_12_MAX) {
            records.put("size", ascii(Long.toString(entry.sizeBytes())));
        }
        if (Integer.toUnsignedLong(entry.uid()) > OCTAL_8_MAX) {
            records.put("uid", ascii(Integer.toUnsignedString(entry.uid())));
        }
        if (Integer.toUnsignedLong(entry.gid()) > OCTAL_8_MAX) {
            records.put("gid", ascii(Integer.toUnsignedString(entry.gid())));
        }
        entry.xattrs().forEach((name, value) -> records.put(XATTR + name, value));
        var pax = new ByteArrayOutputStream();
        records.forEach((key, value) -> pax.writeBytes(record(key, value)));
        return pax.toByteArray();
    }

    /** {@code LENGTH KEY=VALUE\n}, where the length counts its own digits. */
    private static byte[] record(String key, byte[] value) {
        byte[] name = (" " + key + "=").getBytes(StandardCharsets.UTF_8);
        int rest = name.length + value.length + 1;
        int length = rest + Integer.toString(rest).length();
        length = rest + Integer.toString(length).length();
        var record = new ByteArrayOutputStream();
        record.writeBytes(ascii(Integer.toString(length)));
        record.writeBytes(name);
        record.writeBytes(value);
        record.write('\n');
        return record.toByteArray();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static boolean isAscii(String raw) {
        return raw.chars().allMatch(c -> c >= ' ' && c < 127);
    }

    /** Ends the archive; nothing may be written afterwards. */
    public void end() throws IOException {
        out.write(END);
        out.flush();
    }
}
