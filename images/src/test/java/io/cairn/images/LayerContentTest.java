package io.cairn.images;

import static io.cairn.images.Tar.dir;
import static io.cairn.images.Tar.entry;
import static io.cairn.images.Tar.file;
import static io.cairn.images.Tar.hardLink;
import static io.cairn.images.Tar.symlink;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.cairn.linux.FileStat;
import io.cairn.linux.Tree;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an honest layer says is what is on disk. */
class LayerContentTest {
    @TempDir
    Path dir;
    private Layers layers;

    @BeforeEach
    void open() throws IOException {
        layers = new Layers(dir.resolve("store"));
    }

    @AfterEach
    void close() throws IOException {
        layers.close();
    }

    @Test
    void everyKindOfEntryComesWithAllItsAttributes() throws Exception {
        byte[] capability = {1, 0, 0, 2, (byte) 0x80, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0};
        Path fs = layers.add(Tar.of(
                dir("./").mode(0711).owner(1, 2).time(5),
                dir("tmp/").mode(01777).owner(3, 4).time(6), file("tmp/f", "x"),
                file("suid", "abc").mode(06755).owner(4_000_000_000L, 65534).pax("mtime", "-7.25").xattr("security.capability", capability),
                symlink("link", "tmp/f").owner(5, 6).time(8),
                entry("pipe", Tar.FIFO).mode(0620).owner(7, 8).time(9),
                entry("null", Tar.CHARACTER).mode(0666).owner(9, 10).device(1, 3).time(10),
                entry("disk", Tar.BLOCK).mode(0660).device(300, 70000).time(11),
                hardLink("tmp/same", "suid")));
        try (Tree root = Tree.open(fs); var suid = root.read(raw("suid"))) {
            expect(root.stat(), FileStat.DIRECTORY | 0711, 1, 2, 5);
            expect(root.stat(raw("tmp")).orElseThrow(), FileStat.DIRECTORY | 01777, 3, 4, 6);
            FileStat file = root.stat(raw("suid")).orElseThrow();
            expect(file, FileStat.REGULAR | 06755, (int) 4_000_000_000L, 65534, -8);
            assertThat(file.modifiedNanos()).isEqualTo(750_000_000);
            assertThat(file.links()).isEqualTo(2);
            assertThat(suid.xattr("security.capability")).hasValue(capability);
            expect(root.stat(raw("link")).orElseThrow(), FileStat.SYMLINK | 0777, 5, 6, 8);
            expect(root.stat(raw("pipe")).orElseThrow(), FileStat.FIFO | 0620, 7, 8, 9);
            FileStat character = root.stat(raw("null")).orElseThrow();
            expect(character, FileStat.CHARACTER_DEVICE | 0666, 9, 10, 10);
            assertThat(new int[] {character.specialMajor(), character.specialMinor()}).containsExactly(1, 3);
            FileStat block = root.stat(raw("disk")).orElseThrow();
            assertThat(new int[] {block.specialMajor(), block.specialMinor()}).containsExactly(300, 70000);
        }
        assertThat(fs.resolve("tmp/same")).hasContent("abc");
    }

    @Test
    void aLaterEntryReplacesAnEarlierOne() throws IOException {
        Path fs = layers.add(Tar.of(
                file("a", "first"), file("a", "second"),
                dir("b"), file("b/in", "x"), file("b", "now a file"),
                file("c", "x"), dir("c"), file("c/in", "now a directory"),
                dir("d").mode(0700), file("d/kept", "x"), dir("d").mode(0755),
                file("e", "x"), hardLink("e", "e")));
        assertThat(fs.resolve("a")).hasContent("second");
        assertThat(fs.resolve("b")).hasContent("now a file");
        assertThat(fs.resolve("c/in")).hasContent("now a directory");
        assertThat(fs.resolve("d/kept")).exists();
        assertThat(Files.getAttribute(fs.resolve("d"), "unix:mode")).isEqualTo(FileStat.DIRECTORY | 0755);
        assertThat(fs.resolve("e")).hasContent("x");
    }

    @Test
    void longAndStrangeNamesAreKept() throws Exception {
        String longName = "n".repeat(200) + "/" + "m".repeat(200);
        byte[] latin = {(byte) 0xe9, (byte) 0xff};
        Path fs = layers.add(Tar.of(file(longName, "gnu"), file("short", "pax").pax("path", "p/" + longName), file("u-ä-語", "utf8"),
                file("x", "latin").pax("path", latin), symlink("s", "t/" + longName)));
        assertThat(fs.resolve(longName)).hasContent("gnu");
        assertThat(fs.resolve("p/" + longName)).hasContent("pax");
        assertThat(fs.resolve("s")).hasToString(fs + "/s");
        try (Tree root = Tree.open(fs)) {
            assertThat(root.stat(latin)).isPresent();
            assertThat(root.stat(raw("u-ä-語"))).isPresent();
            assertThat(root.readLink(raw("s"))).isEqualTo(raw("t/" + longName));
        }
    }

    @ParameterizedTest
    @EnumSource(TestImage.Packing.class)
    void theCompressionIsSeenFromTheContent(TestImage.Packing packing) throws IOException {
        byte[] tar = Tar.of(file("f", "content"));
        assertThat(layers.add(TestImage.pack(packing, tar), tar).resolve("f")).hasContent("content");
    }

    @Test
    void aLayerInSeveralCompressedPiecesIsOne() throws IOException {
        byte[] tar = Tar.of(file("f", "x".repeat(5000)), file("g", "y"));
        for (TestImage.Packing packing : new TestImage.Packing[] {TestImage.Packing.GZIP, TestImage.Packing.ZSTD}) {
            var packed = new ByteArrayOutputStream();
            for (int at = 0; at < tar.length; at += 1000) {
                packed.writeBytes(TestImage.pack(packing, Arrays.copyOfRange(tar, at, Math.min(tar.length, at + 1000))));
            }
            Path fs = layers.add(packed.toByteArray(), tar);
            assertThat(fs.resolve("g")).hasContent("y");
        }
    }

    @Test
    void aWrongDigestLeavesNothing() throws IOException {
        byte[] tar = Tar.of(file("f", "x"));
        byte[] other = Tar.of(file("f", "y"));
        assertThatThrownBy(() -> layers.add(other, tar)).isInstanceOf(BadLayerException.class).hasMessageContaining("digest");
        byte[] trailing = Arrays.copyOf(tar, tar.length + 512);
        trailing[tar.length + 5] = 1;
        assertThatThrownBy(() -> layers.add(trailing, tar)).as("bytes after the archive count").isInstanceOf(BadLayerException.class);
        assertThat(layers.add(trailing, trailing).resolve("f")).exists();
        assertThat(layers.store.list()).hasSize(1);
        assertThat(dir.resolve("store/ingest")).isEmptyDirectory();
    }

    @Test
    void anArchiveWithoutEndStopsAtTheLimit() {
        byte[] tar = Tar.of(file("f", "x".repeat(100_000)));
        assertThatThrownBy(() -> {
            try (var stream = new LayerStream(new ByteArrayInputStream(tar), io.cairn.images.registry.Digest.of(tar), 50_000)) {
                stream.finish(() -> false);
            }
        }).isInstanceOf(BadLayerException.class).hasMessageContaining("50000");
    }

    @Test
    void directoriesALayerPassesThroughLookAsBelow() throws IOException {
        layers.add(Tar.of(dir("./").mode(0700).owner(1, 1), dir("tmp").mode(01777).owner(3, 4).time(77), dir("tmp/in").mode(0750)
                .xattr("user.a", raw("b"))));
        Path fs = layers.add(Tar.of(file("tmp/in/f", "x"), file("new/f", "y")));
        try (Tree root = Tree.open(fs); Tree in = root.enter(raw("tmp/in"))) {
            expect(root.stat(raw("tmp")).orElseThrow(), FileStat.DIRECTORY | 01777, 3, 4, 77);
            assertThat(in.stat().permissions()).isEqualTo(0750);
            assertThat(in.xattr("user.a")).hasValue(raw("b"));
            assertThat(root.stat().permissions()).as("the root itself is one of them").isEqualTo(0700);
            assertThat(root.stat(raw("new")).orElseThrow().permissions()).isEqualTo(0755);
        }
    }

    @Test
    void aHardLinkToAFileBelowBringsItUp() throws IOException {
        layers.add(Tar.of(dir("bin").mode(0711), file("bin/tool", "binary").mode(04755).owner(1, 2).time(3)
                .xattr("user.a", raw("b")), file("gone", "x"),
                symlink("sym", "bin")));
        Path fs = layers.add(Tar.of(entry(".wh.gone", Tar.FILE), hardLink("alias", "sym/tool"), hardLink("usr/again", "/bin/tool")));
        try (Tree root = Tree.open(fs); Tree bin = root.enter(raw("bin"))) {
            FileStat tool = bin.stat(raw("tool")).orElseThrow();
            expect(tool, FileStat.REGULAR | 04755, 1, 2, 3);
            assertThat(tool.links()).isEqualTo(3);
            assertThat(root.stat(raw("alias")).orElseThrow().inode()).isEqualTo(tool.inode());
        }
        assertThat(fs.resolve("usr/again")).hasContent("binary");
        assertThatThrownBy(() -> layers.add(Tar.of(hardLink("h", "gone")))).as("it is hidden").isInstanceOf(BadLayerException.class);
    }

    @Test
    void aDamagedLayerIsFoundAndADescribedOneIsKept() throws IOException {
        Path fs = layers.add(Tar.of(file("a", "x"), file("b", "y"), dir("c")));
        var chainId = layers.stack.get(0).chainId();
        assertThat(fresh().look(chainId)).isInstanceOf(LayerState.Ready.class);
        Files.delete(fs.resolve("b"));
        assertThat(fresh().look(chainId)).isInstanceOf(LayerState.Damaged.class);
        Files.writeString(fs.resolve("b"), "longer");
        assertThat(fresh().look(chainId)).isInstanceOf(LayerState.Damaged.class);
        Files.writeString(fs.getParent().resolve("layer.json"), "{");
        assertThat(fresh().look(chainId)).isInstanceOf(LayerState.Damaged.class);
        Files.delete(fs.getParent().resolve("layer.json"));
        assertThat(fresh().look(chainId)).isInstanceOf(LayerState.Damaged.class);
        layers.store.sweep(Set.of());
        assertThat(fresh().look(chainId)).isInstanceOf(LayerState.Missing.class);
    }

    private LayerStore fresh() {
        return new LayerStore(layers.dirs);
    }

    private static void expect(FileStat stat, int mode, int uid, int gid, long modifiedSeconds) {
        assertThat(Integer.toOctalString(stat.mode())).isEqualTo(Integer.toOctalString(mode));
        assertThat(new long[] {stat.uid(), stat.gid(), stat.modifiedSeconds()}).containsExactly(uid, gid, modifiedSeconds);
    }

    private static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
