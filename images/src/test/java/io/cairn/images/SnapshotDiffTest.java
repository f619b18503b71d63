package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.linux.Mounts;
import io.vavr.collection.Vector;
import io.vavr.control.Option;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.UserDefinedFileAttributeView;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was written above an image goes into an archive, and out of it into another snapshot of the same image. */
class SnapshotDiffTest {
    private static final String LONG = "long-".repeat(40);

    @TempDir Path dir;
    private Layers layers;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        target = Files.createDirectory(dir.resolve("target"));
        layers = new Layers(dir.resolve("store"));
        layers.add(Tar.of(Tar.dir("etc/"), Tar.file("etc/kept", "of the image"), Tar.file("etc/gone", "of the image"), Tar.dir("old/"),
                Tar.file("old/hidden", "of the image"), Tar.dir("away/"), Tar.file("away/file", "of the image")));
    }

    @AfterEach
    void close() throws IOException {
        layers.close();
        assertThat(Mounts.table()).noneMatch(entry -> entry.target().startsWith(dir));
    }

    private static <T> T right(io.vavr.control.Either<StoreFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.message()));
    }

    private void mount(String key) {
        right(layers.snapshots.mount(key, target, false));
    }

    private Vector<String> write() throws IOException {
        right(layers.snapshots.prepare("first", layers.chainIds()));
        mount("first");
        Files.writeString(target.resolve("etc/kept"), "changed");
        Files.setLastModifiedTime(target.resolve("etc/kept"), FileTime.fromMillis(1_000_000_000L));
        Files.delete(target.resolve("etc/gone"));
        Files.delete(target.resolve("away/file"));
        Files.delete(target.resolve("away"));
        Files.delete(target.resolve("old/hidden"));
        Files.delete(target.resolve("old"));
        Files.createDirectory(target.resolve("old"));
        Files.writeString(target.resolve("old/new"), "made anew");
        Files.createDirectory(target.resolve(LONG));
        Path file = Files.writeString(target.resolve(LONG).resolve("ä-" + LONG), "far down");
        Files.setAttribute(file, "unix:uid", 3_000_000);
        Files.getFileAttributeView(file, UserDefinedFileAttributeView.class).write("note", StandardCharsets.UTF_8.encode("kept"));
        Files.createLink(target.resolve("second-name"), file);
        Files.createSymbolicLink(target.resolve("link"), Path.of("/etc/kept"));
        Vector<String> deleted = right(layers.snapshots.export("first", dir.resolve("diff.tar")));
        right(layers.snapshots.remove("first"));
        return deleted;
    }

    private void assertSame() throws IOException {
        assertThat(target.resolve("etc/kept")).hasContent("changed");
        assertThat(Files.getLastModifiedTime(target.resolve("etc/kept")).toMillis()).isEqualTo(1_000_000_000L);
        assertThat(target.resolve("etc/gone")).doesNotExist();
        assertThat(target.resolve("away")).doesNotExist();
        assertThat(target.resolve("old/hidden")).doesNotExist();
        assertThat(target.resolve("old/new")).hasContent("made anew");
        Path file = target.resolve(LONG).resolve("ä-" + LONG);
        assertThat(file).hasContent("far down");
        assertThat(Files.getAttribute(file, "unix:uid")).isEqualTo(3_000_000);
        assertThat(Files.getFileAttributeView(file, UserDefinedFileAttributeView.class).list()).containsExactly("note");
        assertThat(Files.isSameFile(file, target.resolve("second-name"))).isTrue();
        assertThat(Files.readSymbolicLink(target.resolve("link"))).isEqualTo(Path.of("/etc/kept"));
    }

    @Test
    void whatWasChangedAddedAndTakenAwayComesBack() throws Exception {
        Vector<String> deleted = write();
        assertThat(deleted).containsExactlyInAnyOrder("/etc/gone", "/away");
        right(layers.snapshots.prepare("second", layers.chainIds()));
        right(layers.snapshots.apply("second", Option.some(dir.resolve("diff.tar")), deleted));
        mount("second");
        assertSame();
        right(layers.snapshots.remove("second"));
    }

    @Test
    void otherToolsReadTheArchive() throws Exception {
        write();
        Process tar = new ProcessBuilder("tar", "-tf", dir.resolve("diff.tar").toString()).redirectErrorStream(true).start();
        List<String> names = new String(tar.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines().toList();
        assertThat(tar.waitFor()).as(names.toString()).isZero();
        assertThat(names).contains("./", "etc/kept", "old/", "old/new", LONG + "/", "link", "second-name").noneMatch(name -> name.contains("gone"));
    }

    @Test
    void pathsThatClimbOrAreNotThereTakeNothingAway() throws Exception {
        Path outside = Files.writeString(dir.resolve("outside"), "kept");
        right(layers.snapshots.prepare("c", layers.chainIds()));
        assertThat(layers.snapshots.apply("c", Option.none(), Vector.of("/../../../../" + outside)).getLeft().message()).contains("stay inside");
        right(layers.snapshots.apply("c", Option.none(), Vector.of("/nowhere/at/all", "/", "/etc/kept")));
        mount("c");
        assertThat(target.resolve("etc/kept")).doesNotExist();
        assertThat(target.resolve("etc/gone")).hasContent("of the image");
        assertThat(outside).hasContent("kept");
        right(layers.snapshots.remove("c"));
    }

    @Test
    void onlyRegularFilesAreVisitedAndNoLinkIsFollowed() throws Exception {
        Path root = Files.createDirectory(dir.resolve("unpacked"));
        Files.writeString(Files.createDirectory(root.resolve("sub")).resolve("file"), "content");
        Files.writeString(dir.resolve("secret"), "secret");
        Files.createSymbolicLink(root.resolve("link"), dir.resolve("secret"));
        Files.createSymbolicLink(root.resolve("way-out"), dir);
        var visited = new ArrayList<String>();
        TarFiles.readUnpacked(root, (name, size, content) -> visited.add(name + "=" + new String(content.readAllBytes(), StandardCharsets.UTF_8)));
        assertThat(visited).containsExactly("sub/file=content");

        Path archive = dir.resolve("files.tar");
        try (var out = Files.newOutputStream(archive)) {
            var tar = new TarWriter(out);
            tar.directory("d/");
            tar.file("d/" + LONG, 3, new ByteArrayInputStream(new byte[] {'a', 'b', 'c'}));
            tar.file("short", 600, new ByteArrayInputStream(new byte[] {'x'}));
            tar.end();
        }
        visited.clear();
        TarFiles.read(archive, (name, size, content) -> visited.add(name + " " + size + " " + content.readAllBytes().length));
        assertThat(visited).containsExactly("d/" + LONG + " 3 3", "short 600 600");
        assertThat(Files.exists(dir.resolve("d"), LinkOption.NOFOLLOW_LINKS)).isFalse();
    }
}
