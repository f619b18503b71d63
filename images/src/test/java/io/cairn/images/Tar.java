package io.cairn.images;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writes tar archives, those no honest tool would write included. */
public final class Tar {
    public static final char FILE = '0';
    public static final char HARD_LINK = '1';
    public static final char SYMLINK = '2';
    public static final char CHARACTER = '3';
    public static final char BLOCK = '4';
    public static final char DIRECTORY = '5';
    public static final char FIFO = '6';

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /** One entry, with what is usual filled in. */
    public static final class Entry {
        private final String name;
        private final char type;
        private String link = "";
        private byte[] content = {};
        private long announcedSize = Long.MIN_VALUE;
        private int mode = 0644;
        private long uid;
        private long gid;
        private long time = 1_700_000_000;
        private int major;
        private int minor;
        private final Map<String, byte[]> pax = new LinkedHashMap<>();

        private Entry(String name, char type) {
            this.name = name;
            this.type = type;
            this.mode = type == DIRECTORY ? 0755 : 0644;
        }

        public String name() {
            return name;
        }

        public char type() {
            return type;
        }

        public Entry link(String target) {
            link = target;
            return this;
        }

        public Entry content(byte[] bytes) {
            content = bytes;
            return this;
        }

        public Entry announcing(long size) {
            announcedSize = size;
            return this;
        }

        public Entry mode(int bits) {
            mode = bits;
            return this;
        }

        public Entry owner(long user, long group) {
            uid = user;
            gid = group;
            return this;
        }

        public Entry time(long seconds) {
            time = seconds;
            return this;
        }

        public Entry device(int majorNumber, int minorNumber) {
            major = majorNumber;
            minor = minorNumber;
            return this;
        }

        public Entry pax(String key, String value) {
            return pax(key, value.getBytes(StandardCharsets.UTF_8));
        }

        public Entry pax(String key, byte[] value) {
            pax.put(key, value);
            return this;
        }

        public Entry xattr(String key, byte[] value) {
            return pax("SCHILY.xattr." + key, value);
        }
    }

    public static Entry entry(String name, char type) {
        return new Entry(name, type);
    }

    public static Entry file(String name, String content) {
        return new Entry(name, FILE).content(content.getBytes(StandardCharsets.UTF_8));
    }

    public static Entry dir(String name) {
        return new Entry(name, DIRECTORY);
    }

    public static Entry symlink(String name, String target) {
        return new Entry(name, SYMLINK).link(target).mode(0777);
    }

    public static Entry hardLink(String name, String target) {
        return new Entry(name, HARD_LINK).link(target);
    }

    public static byte[] of(Entry... entries) {
        var tar = new Tar();
        for (Entry entry : entries) {
            tar.add(entry);
        }
        return tar.finish();
    }

    public Tar add(Entry entry) {
        if (!entry.pax.isEmpty()) {
            var records = new ByteArrayOutputStream();
            entry.pax.forEach((key, value) -> records.writeBytes(paxRecord(key, value)));
            special('x', records.toByteArray());
        }
        if (bytes(entry.name).length > 100) {
            special('L', bytes(entry.name + "\0"));
        }
        if (bytes(entry.link).length > 100) {
            special('K', bytes(entry.link + "\0"));
        }
        long size = entry.announcedSize != Long.MIN_VALUE ? entry.announcedSize : entry.content.length;
        header(entry, size);
        body(entry.content);
        return this;
    }

    public Tar raw(byte[] bytes) {
        out.writeBytes(bytes);
        return this;
    }

    public Tar special(char type, byte[] content) {
        header(new Entry("special", type), content.length);
        body(content);
        return this;
    }

    public byte[] finish() {
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    /** What was written so far, without an end. */
    public byte[] unfinished() {
        return out.toByteArray();
    }

    static byte[] paxRecord(String key, byte[] value) {
        byte[] rest = concat(bytes(" " + key + "="), value, bytes("\n"));
        int length = rest.length + 1;
        while (String.valueOf(length).length() + rest.length != length) {
            length = String.valueOf(length).length() + rest.length;
        }
        return concat(bytes(String.valueOf(length)), rest);
    }

    private void body(byte[] content) {
        out.writeBytes(content);
        out.writeBytes(new byte[(512 - content.length % 512) % 512]);
    }

    private void header(Entry entry, long size) {
        byte[] block = new byte[512];
        put(block, 0, 100, bytes(entry.name));
        number(block, 100, 8, entry.mode);
        number(block, 108, 8, entry.uid);
        number(block, 116, 8, entry.gid);
        number(block, 124, 12, size);
        number(block, 136, 12, entry.time);
        block[156] = (byte) entry.type;
        put(block, 157, 100, bytes(entry.link));
        put(block, 257, 8, bytes("ustar\00000"));
        number(block, 329, 8, entry.major);
        number(block, 337, 8, entry.minor);
        checksum(block);
        out.writeBytes(block);
    }

    static void checksum(byte[] block) {
        long sum = 8 * ' ';
        for (int i = 0; i < 512; i++) {
            sum += i >= 148 && i < 156 ? 0 : Byte.toUnsignedInt(block[i]);
        }
        put(block, 148, 8, bytes("%06o\0 ".formatted(sum)));
    }

    private static void number(byte[] block, int at, int length, long value) {
        String octal = Long.toOctalString(value);
        if (value >= 0 && octal.length() < length) {
            put(block, at, length, bytes("0".repeat(length - 1 - octal.length()) + octal));
            return;
        }
        for (int i = 0; i < length; i++) {
            int shift = 8 * (length - 1 - i);
            block[at + i] = (byte) (shift > 63 ? value < 0 ? 0xff : 0 : value >> shift);
        }
        block[at] |= (byte) 0x80;
    }

    private static void put(byte[] block, int at, int length, byte[] text) {
        System.arraycopy(text, 0, block, at, Math.min(length, text.length));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] concat(byte[]... parts) {
        var all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }
}
