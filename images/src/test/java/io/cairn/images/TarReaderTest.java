package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TarReaderTest {
    @Test
    void archivesWithOddButValidFormsAreRead() throws IOException {
        assertThat(names(new Tar().unfinished())).as("an empty stream").isEmpty();
        assertThat(names(new Tar().add(Tar.file("f", "x")).unfinished())).as("no zero blocks at the end").containsExactly("f");
        byte[] whole = new Tar().add(Tar.file("f", "x")).unfinished();
        assertThat(names(java.util.Arrays.copyOf(whole, 513))).as("no padding behind the last file").containsExactly("f");
        assertThat(names(new Tar().add(Tar.entry("d/", (char) 0)).finish())).as("version 7 has directories by their slash")
                .containsExactly("d/");
        assertThat(names(Tar.of(Tar.file("f", "x").pax("comment", "none").pax("atime", "junk")))).containsExactly("f");
        assertThat(names(new Tar().special('g', Tar.paxRecord("path", bytes("nowhere"))).add(Tar.file("f", "x")).finish()))
                .as("a global header is passed over").containsExactly("f");
        assertThat(names(new Tar().special('L', bytes("long\0junk")).special('K', bytes("target\0")).add(Tar.symlink("f", "x")).finish()))
                .containsExactly("long");
        assertThat(names(Tar.of(Tar.file("f", "x").pax("path", "")))).as("an empty value is none").containsExactly("f");
    }

    @Test
    void anEntryOfBase256IsRead() throws IOException {
        TarEntry entry = reader(Tar.of(Tar.file("f", "").owner(4_000_000_000L, 3_000_000_000L).time(-5))).next().get();
        assertThat(Integer.toUnsignedLong(entry.uid())).isEqualTo(4_000_000_000L);
        assertThat(Integer.toUnsignedLong(entry.gid())).isEqualTo(3_000_000_000L);
        assertThat(entry.modifiedSeconds()).isEqualTo(-5);
    }

    @Test
    void onlyRegularFilesHaveContent() throws IOException {
        byte[] tar = Tar.of(Tar.dir("d").announcing(5_000), Tar.hardLink("h", "d").announcing(512), Tar.file("f", "x"));
        assertThat(names(tar)).containsExactly("d", "h", "f");
    }

    @Test
    void whatIsNoArchiveIsRefusedWithAReason() {
        refused("checksum", new Tar().raw(new byte[511]).raw(new byte[] {1}).raw(new byte[512]).finish());
        refused("512 bytes", new Tar().raw(new byte[100]).unfinished());
        refused("two zero blocks", new Tar().raw(new byte[512]).add(Tar.file("f", "x")).finish());
        refused("it ended", new Tar().raw(Tar.of(Tar.file("f", "x").announcing(1L << 40))).unfinished());
        refused("file type", Tar.of(Tar.entry("f", 'M')));
        refused("sparse", Tar.of(Tar.entry("f", 'S')));
        refused("sparse", Tar.of(Tar.file("f", "").pax("GNU.sparse.major", "1")));
        refused("size of 0 or more", Tar.of(Tar.file("f", "").announcing(-1)));
        refused("ids of 32 bits", Tar.of(Tar.file("f", "").pax("uid", "4294967295")));
        refused("ids of 32 bits", Tar.of(Tar.file("f", "").owner(1L << 33, 0)));
        refused("63 bits", tooLarge());
    }

    @Test
    void aSizeOfPaxCountsAndABadOneIsRefused() throws IOException {
        assertThat(names(Tar.of(Tar.file("f", "").content(new byte[600]).announcing(0).pax("size", "600"), Tar.file("g", "x"))))
                .containsExactly("f", "g");
        refused("number", Tar.of(Tar.file("f", "").pax("size", "-1")));
        refused("number", Tar.of(Tar.file("f", "").pax("size", "99999999999999999999")));
        refused("time", Tar.of(Tar.file("f", "").pax("mtime", "1e9")));
        refused("it ended", Tar.of(Tar.file("f", "").pax("size", "999999999999999999")));
    }

    @Test
    void brokenPaxRecordsAreRefused() {
        for (String records : List.of("5 a=b", "x a=b\n", "99 a=b\n", "6 ab=\n\n", "3 =\n", "2\n", " a=b\n", "00000000000007 a=b\n",
                "1", "0 a=b\n", "-6 a=b\n")) {
            refused("PAX", new Tar().special('x', bytes(records)).add(Tar.file("f", "x")).finish());
        }
    }

    @Test
    void specialHeadersDoNotFillTheMemory() {
        for (char type : new char[] {'x', 'g', 'L', 'K'}) {
            byte[] header = new Tar().special(type, new byte[0]).unfinished();
            byte[] size = "77777777777".getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(size, 0, header, 124, size.length);
            Tar.checksum(header);
            refused("special tar header", header);
        }
    }

    @Test
    void randomDamageIsRefusedOrReadButNeverBreaksTheReader() throws IOException {
        long seed = System.nanoTime();
        var random = new Random(seed);
        byte[] sound = Tar.of(Tar.dir("d"), Tar.file("d/f", "content".repeat(100)), Tar.symlink("l", "d/f").pax("mtime", "1.5"),
                Tar.file("n".repeat(150), "x").xattr("user.a", new byte[] {1, 2}), Tar.entry("c", Tar.CHARACTER).device(1, 3));
        for (int round = 0; round < 5_000; round++) {
            byte[] damaged = sound.clone();
            int block = random.nextInt(damaged.length / 512) * 512;
            for (int i = random.nextInt(8); i >= 0; i--) {
                damaged[block + random.nextInt(512)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) > 0) {
                byte[] header = Arrays.copyOfRange(damaged, block, block + 512);
                Tar.checksum(header);
                System.arraycopy(header, 0, damaged, block, 512);
            }
            try {
                names(damaged);
            } catch (BadLayerException expected) {
                assertThat(expected).hasMessageStartingWith("Expected");
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ", round " + round, e);
            }
        }
    }

    /** A size of 95 bits, in base 256. */
    private static byte[] tooLarge() {
        byte[] header = new Tar().add(Tar.file("f", "")).unfinished();
        Arrays.fill(header, 124, 136, (byte) 0xbf);
        Tar.checksum(header);
        return header;
    }

    private static void refused(String why, byte[] tar) {
        assertThatThrownBy(() -> names(tar)).isInstanceOf(BadLayerException.class).hasMessageContaining(why);
    }

    private static List<String> names(byte[] tar) throws IOException {
        var names = new ArrayList<String>();
        TarReader reader = reader(tar);
        for (var entry = reader.next(); entry.isDefined(); entry = reader.next()) {
            names.add(entry.get().name());
        }
        return names;
    }

    private static TarReader reader(byte[] tar) {
        return new TarReader(new ByteArrayInputStream(tar));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
