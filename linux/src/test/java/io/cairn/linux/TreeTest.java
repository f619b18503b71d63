package io.cairn.linux;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TreeTest {
    @TempDir
    Path disk;
    private Path dir;

    @BeforeEach
    void make() throws Exception {
        dir = Files.createDirectory(disk.resolve("dir"));
    }

    @AfterEach
    void unmount() throws Exception {
        Mounts.unmount(dir);
    }

    /** Where a test makes thousands of directories, each of which costs a disk a millisecond. */
    private void useMemory() throws Exception {
        Mounts.mount("tmpfs", dir, "tmpfs", 0, "size=64m");
    }

    @Test
    void everyKindOfEntryKeepsOwnerModeAndTime() throws Exception {
        try (Tree tree = Tree.open(dir)) {
            try (OpenFile file = tree.create(raw("f"), 0600)) {
                file.write(direct("hello"));
                file.chown(12, 34);
                file.chmod(04755);
                file.setXattr("user.colour", raw("red"));
                file.setTime(-5, 7);
                assertThat(file.xattr("user.colour")).hasValue(raw("red"));
                assertThat(file.xattr("user.absent")).isEmpty();
                assertThat(file.xattrs()).contains("user.colour");
            }
            tree.mkdir(raw("d"), 0700);
            tree.mknod(raw("p"), FileStat.FIFO | 0600, 0, 0);
            tree.mknod(raw("c"), FileStat.CHARACTER_DEVICE | 0600, 300, 70000);
            tree.mknod(raw("w"), FileStat.CHARACTER_DEVICE, 0, 0);
            tree.symlink(raw("/etc/passwd"), raw("s"));
            tree.chown(raw("s"), 1, 2);
            tree.setTime(raw("s"), 99, 1);
            tree.link(tree, raw("f"), raw("g"));

            FileStat file = tree.stat(raw("g")).orElseThrow();
            assertThat(file.isRegular()).isTrue();
            assertThat(file.permissions()).isEqualTo(04755);
            assertThat(new long[] {file.uid(), file.gid(), file.sizeBytes(), file.links(), file.modifiedSeconds(), file.modifiedNanos()})
                    .containsExactly(12, 34, 5, 2, -5, 7);
            assertThat(tree.stat(raw("p")).orElseThrow().mode() & FileStat.TYPE_MASK).isEqualTo(FileStat.FIFO);
            FileStat device = tree.stat(raw("c")).orElseThrow();
            assertThat(new int[] {device.specialMajor(), device.specialMinor()}).containsExactly(300, 70000);
            assertThat(tree.stat(raw("w")).orElseThrow().isWhiteout()).isTrue();
            assertThat(device.isWhiteout()).isFalse();
            FileStat link = tree.stat(raw("s")).orElseThrow();
            assertThat(link.isSymlink()).isTrue();
            assertThat(new long[] {link.uid(), link.gid(), link.modifiedSeconds()}).containsExactly(1, 2, 99);
            assertThat(tree.readLink(raw("s"))).isEqualTo(raw("/etc/passwd"));
            assertThat(tree.stat(raw("absent"))).isEmpty();
        }
    }

    @Test
    void noPathLeavesTheDirectoryOrFollowsALink() throws Exception {
        Files.createDirectories(dir.resolve("in/a"));
        Files.createDirectory(dir.resolve("out"));
        Files.createSymbolicLink(dir.resolve("in/up"), Path.of("../out"));
        Files.createSymbolicLink(dir.resolve("in/self"), Path.of("a"));
        try (Tree tree = Tree.open(dir.resolve("in"))) {
            tree.enter(raw("a")).close();
            for (String path : new String[] {"..", "a/../..", "/", dir.resolve("out").toString(), "up", "self", "a/../self"}) {
                assertThatThrownBy(() -> tree.enter(raw(path))).as(path).isInstanceOf(LinuxException.class);
            }
            for (String name : new String[] {"", ".", "..", "a/b", "/", "a/"}) {
                assertThatThrownBy(() -> tree.mkdir(raw(name), 0700)).as(name).isInstanceOf(IllegalArgumentException.class);
            }
            assertThatThrownBy(() -> tree.create(raw("up"), 0600)).isInstanceOf(LinuxException.class).hasMessageContaining("EEXIST");
            assertThatThrownBy(() -> tree.read(raw("up"))).isInstanceOf(LinuxException.class).hasMessageContaining("ELOOP");
            assertThatThrownBy(() -> tree.unlink(raw("a\0b"))).isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(dir.resolve("out")).isEmptyDirectory();
    }

    @Test
    void namesThatAreNoTextAreKeptByteForByte() throws Exception {
        byte[] name = {(byte) 0xff, (byte) 0xfe, '\n', ' '};
        try (Tree tree = Tree.open(dir)) {
            tree.mkdir(name, 0700);
            assertThat(tree.nextEntries()).singleElement().satisfies(e -> assertThat(e.name()).isEqualTo(name));
            assertThat(tree.nextEntries()).isEmpty();
            assertThat(tree.rmdir(name)).isTrue();
        }
    }

    @Test
    void aWalkSeesEveryEntryOnceAtAnyDepth() throws Exception {
        useMemory();
        int depth = 300;
        var expected = new TreeSet<String>();
        Tree at = Tree.open(dir);
        String path = "";
        for (int i = 0; i < depth; i++) {
            at.create(raw("file"), 0600).close();
            at.mkdir(raw("left"), 0700);
            at.mkdir(raw("right"), 0700);
            expected.add(path + "file");
            expected.add(path + "left");
            expected.add(path + "right");
            path += "right/";
            try (Tree outer = at) {
                at = outer.enter(raw("right"));
            }
        }
        at.close();
        var seen = new ArrayList<String>();
        TreeWalk.visit(Tree.open(dir), (name, stat) -> seen.add(new String(name, ISO_8859_1)));
        assertThat(seen).containsExactlyInAnyOrderElementsOf(expected);
    }

    @Test
    void aTreeTooDeepForAnyPathIsDeletedAndWhatLinksPointToIsNot() throws Exception {
        useMemory();
        Path keep = Files.writeString(dir.resolve("keep"), "kept");
        Path trashed = Files.createDirectories(dir.resolve("trash"));
        Files.createDirectory(dir.resolve("victim"));
        Tree at = Tree.open(dir.resolve("victim"));
        for (int i = 0; i < 3000; i++) {
            at.mkdir(raw("deeper"), 0700);
            at.symlink(raw(keep.toString()), raw("link"));
            at.symlink(raw(dir.toString()), raw("dirlink"));
            try (Tree outer = at) {
                at = outer.enter(raw("deeper"));
            }
        }
        at.close();
        var trash = new TrashDir(trashed);
        try (Tree tree = Tree.open(dir)) {
            trash.take(tree, raw("victim"));
        }
        assertThat(dir.resolve("victim")).doesNotExist();
        trash.empty();
        assertThat(trashed).isEmptyDirectory();
        assertThat(keep).hasContent("kept");
    }

    @Test
    void immutableAndAppendOnlyFilesAreDeletedToo() throws Exception {
        Path trashed = Files.createDirectories(dir.resolve("trash"));
        Path victim = Files.createDirectories(dir.resolve("victim/d/e"));
        Path file = Files.writeString(victim.resolve("f"), "x");
        Path log = Files.writeString(victim.resolve("g"), "x");
        chattr("+i", file);
        chattr("+a", log);
        chattr("+i", victim);
        chattr("+a", victim.getParent());
        chattr("+i", dir.resolve("victim"));
        var trash = new TrashDir(trashed);
        try (Tree tree = Tree.open(dir)) {
            trash.take(tree, raw("victim"));
        }
        trash.empty();
        assertThat(trashed).isEmptyDirectory();
    }

    @Test
    void whatCannotBeDeletedDoesNotKeepTheRest() throws Exception {
        Path trashed = Files.createDirectories(dir.resolve("trash"));
        Path busy = Files.createDirectories(trashed.resolve("a/mounted"));
        Files.createDirectories(trashed.resolve("b/c"));
        Files.writeString(trashed.resolve("f"), "x");
        Mounts.mount("tmpfs", busy, "tmpfs", 0, "size=64k");
        try {
            var trash = new TrashDir(trashed);
            assertThatThrownBy(trash::empty).isInstanceOf(LinuxException.class).hasMessageContaining("EBUSY").hasMessageContaining("mounted");
            assertThat(trashed.toFile().list()).containsExactly("a");
        } finally {
            Mounts.unmount(busy);
        }
        new TrashDir(trashed).empty();
        assertThat(trashed).isEmptyDirectory();
    }

    private static void chattr(String change, Path path) throws Exception {
        Process process = new ProcessBuilder("chattr", change, path.toString()).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static byte[] raw(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static ByteBuffer direct(String text) {
        return ByteBuffer.allocateDirect(text.length()).put(raw(text)).flip();
    }
}
