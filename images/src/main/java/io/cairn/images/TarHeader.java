package io.cairn.images;

import java.nio.charset.StandardCharsets;

/**
 * The fields of one 512-byte tar header (pax(1), "ustar Interchange Format"; GNU tar manual, "Basic Tar Format").
 *
 * <pre>
 *   0 name 100 | 100 mode 8 | 108 uid 8 | 116 gid 8 | 124 size 12 | 136 mtime 12 | 148 checksum 8 | 156 type 1
 * 157 linkname 100 | 257 magic 6 | 263 version 2 | 265 uname 32 | 297 gname 32 | 329 major 8 | 337 minor 8 | 345 prefix 155
 * </pre>
 */
final class TarHeader {
    static final int BLOCK_BYTES = 512;

    private static final int CHECKSUM_AT = 148;
    private static final int MAGIC_AT = 257;

    private final byte[] block;

    private TarHeader(byte[] block) {
        this.block = block;
    }

    static boolean isZero(byte[] block) {
        for (byte b : block) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    static TarHeader parse(byte[] block) throws BadLayerException {
        var header = new TarHeader(block);
        long expected = header.number(CHECKSUM_AT, 8);
        long unsigned = 0;
        long signed = 0;
        for (int i = 0; i < BLOCK_BYTES; i++) {
            byte b = i >= CHECKSUM_AT && i < CHECKSUM_AT + 8 ? (byte) ' ' : block[i];
            unsigned += Byte.toUnsignedInt(b);
            signed += b;
        }
        // Some old writers summed signed bytes.
        if (expected != unsigned && expected != signed) {
            throw new BadLayerException("Expected a tar header with the checksum %d, but it says %d".formatted(unsigned, expected));
        }
        return header;
    }

    char type() {
        return (char) Byte.toUnsignedInt(block[156]);
    }

    /** GNU keeps other things where ustar has the prefix of a long name. */
    String name() {
        String name = text(0, 100);
        boolean ustar = text(MAGIC_AT, 6).equals("ustar");
        String prefix = ustar ? text(345, 155) : "";
        return prefix.isEmpty() ? name : prefix + "/" + name;
    }

    String linkName() {
        return text(157, 100);
    }

    long mode() throws BadLayerException {
        return number(100, 8);
    }

    long uid() throws BadLayerException {
        return number(108, 8);
    }

    long gid() throws BadLayerException {
        return number(116, 8);
    }

    long size() throws BadLayerException {
        return number(124, 12);
    }

    long modifiedSeconds() throws BadLayerException {
        return number(136, 12);
    }

    long major() throws BadLayerException {
        return number(329, 8);
    }

    long minor() throws BadLayerException {
        return number(337, 8);
    }

    private String text(int at, int length) {
        int end = at;
        while (end < at + length && block[end] != 0) {
            end++;
        }
        return new String(block, at, end - at, StandardCharsets.ISO_8859_1);
    }

    /** Octal digits, or big-endian two's complement where the first bit is set (GNU base-256). */
    private long number(int at, int length) throws BadLayerException {
        if ((block[at] & 0x80) != 0) {
            return base256(at, length);
        }
        String digits = text(at, length).strip();
        if (digits.isEmpty()) {
            return 0;
        }
        try {
            return Long.parseUnsignedLong(digits, 8);
        } catch (NumberFormatException e) {
            throw new BadLayerException("Expected an octal number in a tar header, but found '" + RawPath.shown(digits) + "'");
        }
    }

    private long base256(int at, int length) throws BadLayerException {
        boolean negative = (block[at] & 0x40) != 0;
        long value = negative ? -1 : 0;
        for (int i = 0; i < length; i++) {
            int b = Byte.toUnsignedInt(block[at + i]);
            if (i == 0) {
                b = negative ? b : b & 0x7f;
            }
            if (value > Long.MAX_VALUE >> 8 || value < Long.MIN_VALUE >> 8) {
                throw new BadLayerException("Expected a number of 63 bits in a tar header, but it is larger");
            }
            value = value << 8 | b;
        }
        return value;
    }
}
