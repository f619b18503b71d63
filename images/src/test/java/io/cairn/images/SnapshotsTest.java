package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.StoreFailure.Kind;
import io.cairn.images.registry.Digest;
import io.cairn.linux.Mounts;
import io.cairn.linux.RootFiles;
import io.vavr.collection.Vector;
import io.vavr.control.Either;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotsTest {
    @TempDir
    Path dir;
    private Layers layers;
    private Snapshots snapshots;
    private Path target;

    @BeforeEach
    void open() throws IOException {
        target = Files.createDirectory(dir.resolve("target"));
        reopen();
    }

    private void reopen() throws IOException {
        if (layers != null) {
            layers.dirs.close();
        }
        Vector<LayerInfo> stack = layers == null ? Vector.empty() : layers.stack;
        layers = new Layers(dir.resolve("store"));
        layers.stack = stack;
        snapshots = layers.snapshots;
    }

    @AfterEach
    void close() throws IOException {
        layers.close();
        assertThat(Mounts.table()).noneMatch(entry -> entry.target().startsWith(dir));
    }

    @Test
    void theRootLooksLikeThatOfTheImageAndTakesWrites() throws IOException {
        layers.add(Tar.of(Tar.dir("./").mode(0711).owner(12, 34), Tar.file("f", "image")));
        mountNew("c", false);
        assertThat(Files.getAttribute(target, "unix:mode")).isEqualTo(0040711);
        assertThat(Files.getAttribute(target, "unix:uid")).isEqualTo(12);
        Files.writeString(target.resolve("f"), "changed");
        assertThat(layers.fs(0).resolve("f")).hasContent("image");
        assertThat(RootFiles.read(target, "/f", 100)).hasValue("changed".getBytes(StandardCharsets.UTF_8));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 100, 128})
    void anyNumberOfLayersCanBeMountedBothWays(int count) throws IOException {
        // In memory: it is the mount that counts here, not the hundred syncs before it.
        layers.close();
        Mounts.mount("tmpfs", dir.resolve("store"), "tmpfs", 0, "size=64m");
        try {
            layers = new Layers(dir.resolve("store"));
            snapshots = layers.snapshots;
            for (int i = 0; i < count; i++) {
                layers.add(Tar.of(Tar.file("f" + i, "x"), Tar.file("last", "" + i)));
            }
            right(snapshots.view("view", layers.chainIds()));
            right(snapshots.mount("view", target, false));
            expectLayers(count);
            Assertions.assertThatThrownBy(() -> Files.writeString(target.resolve("new"), "x")).isInstanceOf(FileSystemException.class);
            right(snapshots.remove("view"));
            mountNew("c", false);
            expectLayers(count);
            Files.writeString(target.resolve("new"), "x");
            right(snapshots.remove("c"));
        } finally {
            layers.close();
            Mounts.unmount(dir.resolve("store"));
        }
    }

    private void expectLayers(int count) {
        assertThat(target.toFile().list()).hasSize(count == 0 ? 0 : count + 1);
        if (count > 0) {
            assertThat(target.resolve("last")).hasContent("" + (count - 1));
        }
    }

    @Test
    void aWritableSnapshotCanBeMountedReadOnly() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        mountNew("c", true);
        Assertions.assertThatThrownBy(() -> Files.writeString(target.resolve("f"), "y")).isInstanceOf(FileSystemException.class)
                .hasMessageContaining("Read-only");
    }

    @Test
    void everyCallCanBeRepeated() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        mountNew("c", false);
        Files.writeString(target.resolve("mine"), "y");
        mountNew("c", false);
        assertThat(Mounts.table()).filteredOn(entry -> entry.target().equals(target)).hasSize(1);
        right(snapshots.unmount("c"));
        right(snapshots.unmount("c"));
        mountNew("c", false);
        assertThat(target.resolve("mine")).as("what was written is still there").hasContent("y");
        right(snapshots.remove("c"));
        right(snapshots.remove("c"));
        right(snapshots.remove("never there"));
        assertThat(right(snapshots.list())).isEmpty();
        assertThat(dir.resolve("store/trash")).isEmptyDirectory();
    }

    @Test
    void anotherProcessFindsWhatThisOneMounted() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        mountNew("c", false);
        reopen();
        assertThat(right(snapshots.list())).containsExactly("c");
        mountNew("c", false);
        assertThat(Mounts.table()).filteredOn(entry -> entry.target().equals(target)).hasSize(1);
        right(snapshots.remove("c"));
        assertThat(target).isEmptyDirectory();
    }

    @Test
    void oneKeyIsOneSnapshot() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        layers.add(Tar.of(Tar.file("g", "y")));
        mountNew("c", false);
        expect(Kind.CONFLICT, snapshots.prepare("c", layers.chainIds().take(1)));
        expect(Kind.CONFLICT, snapshots.view("c", layers.chainIds()));
        Path other = Files.createDirectory(dir.resolve("other"));
        expect(Kind.CONFLICT, snapshots.mount("c", other, false));
        right(snapshots.view("v", layers.chainIds()));
        right(snapshots.mount("v", other, true));
        right(snapshots.mount("v", Files.createDirectory(dir.resolve("third")), true));
        right(snapshots.remove("v"));
        assertThat(Mounts.isMountPoint(other)).isFalse();
    }

    @Test
    void theSameKeyInAnotherStoreIsAnotherSnapshot() throws IOException {
        mountNew("c", false);
        Path elsewhere = Files.createDirectory(dir.resolve("el se#where\\134"));
        Path target = Files.createDirectory(dir.resolve("other"));
        try (Layers others = new Layers(elsewhere.resolve("store"))) {
            right(others.snapshots.prepare("c", Vector.empty()));
            right(others.snapshots.mount("c", target, false));
            Files.writeString(target.resolve("f"), "x");
            right(snapshots.remove("c"));
            assertThat(target.resolve("f")).hasContent("x");
            mountNew("c", false);
            right(others.snapshots.remove("c"));
            assertThat(target).isEmptyDirectory();
            assertThat(Mounts.isMountPoint(this.target)).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".", "..", "../x", "a/b", ".hidden", "-x", "a b", "a\nb", "a,b", "a:b"})
    void aKeyThatCouldBeAPathOrAnOptionIsRefused(String key) {
        expect(Kind.INVALID, snapshots.prepare(key, Vector.empty()));
        expect(Kind.MISSING, snapshots.mount(key, target, false));
        expect(Kind.MISSING, snapshots.usage(key));
        right(snapshots.remove(key));
        assertThat(dir.resolve("store/snapshots")).isEmptyDirectory();
    }

    @Test
    void missingAndDamagedLayersAreTold() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        Digest nowhere = Digest.of(new byte[] {1});
        expect(Kind.MISSING, snapshots.prepare("c", layers.chainIds().append(nowhere)));
        right(snapshots.prepare("c", layers.chainIds()));
        Files.delete(layers.fs(0).resolve("f"));
        reopen();
        expect(Kind.DAMAGED, snapshots.mount("c", target, false));
        expect(Kind.DAMAGED, snapshots.prepare("d", layers.chainIds()));
        assertThat(right(snapshots.list())).containsExactly("c");
    }

    @Test
    void aDamagedSnapshotIsListedAndCanBeRemoved() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        right(snapshots.prepare("c", layers.chainIds()));
        Files.writeString(dir.resolve("store/snapshots/c/snapshot.json"), "");
        expect(Kind.DAMAGED, snapshots.mount("c", target, false));
        expect(Kind.DAMAGED, snapshots.prepare("c", layers.chainIds()));
        assertThat(right(snapshots.list())).containsExactly("c");
        right(snapshots.remove("c"));
        mountNew("c", false);
    }

    @Test
    void whatCannotBeDeletedKeepsNobodyFromRemoving() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        right(snapshots.prepare("c", layers.chainIds()));
        Path busy = Files.createDirectory(dir.resolve("store/snapshots/c/fs/busy"));
        Mounts.mount("tmpfs", busy, "tmpfs", 0, "size=64k");
        try {
            right(snapshots.remove("c"));
            assertThat(right(snapshots.list())).isEmpty();
            reopen();
            right(snapshots.prepare("c", layers.chainIds()));
            right(snapshots.remove("c"));
        } finally {
            for (Mounts.Entry entry : Mounts.table()) {
                if (entry.target().startsWith(dir)) {
                    Mounts.unmount(entry.target());
                }
            }
        }
        reopen();
        assertThat(dir.resolve("store/trash")).isEmptyDirectory();
    }

    @Test
    void usageCountsWhatWasWrittenAndHardLinksOnce() throws IOException {
        layers.add(Tar.of(Tar.file("big", "x".repeat(100_000))));
        mountNew("c", false);
        Snapshots.Usage before = right(snapshots.usage("c"));
        assertThat(before.inodes()).isEqualTo(1);
        Files.write(target.resolve("new"), new byte[64 * 1024]);
        Files.createLink(target.resolve("same"), target.resolve("new"));
        Files.createDirectory(target.resolve("d"));
        try (var file = FileChannel.open(target.resolve("new"))) {
            file.force(true);
        }
        Snapshots.Usage after = right(snapshots.usage("c"));
        assertThat(after.inodes()).isEqualTo(3);
        assertThat(after.bytes() - before.bytes()).isBetween(64L * 1024, 64L * 1024 + 3 * 4096);
        right(snapshots.view("v", layers.chainIds()));
        assertThat(right(snapshots.usage("v"))).isEqualTo(new Snapshots.Usage(0, 0));
    }

    @Test
    void layersOfASnapshotOutliveASweep() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x")));
        right(snapshots.prepare("c", layers.chainIds()));
        new Sweep(layers.parts, snapshots).run(Set.of(), new HashSet<>());
        mountNew("c", false);
        right(snapshots.remove("c"));
        new Sweep(layers.parts, snapshots).run(Set.of(), new HashSet<>());
        assertThat(layers.store.list()).isEmpty();
    }

    @Test
    void aRetiredLayerStaysUnderTheContainersThatStandOnIt() throws IOException {
        layers.add(Tar.of(Tar.file("f", "x"), Tar.file("lost", "y")));
        byte[] tar = Tar.of(Tar.file("f", "x"), Tar.file("lost", "y"));
        mountNew("c", false);
        Files.delete(layers.fs(0).resolve("lost"));
        layers.store.retire(layers.stack.get(0).chainId());
        layers.stack = Vector.empty();
        layers.add(tar);
        new Sweep(layers.parts, snapshots).run(Set.of(), new HashSet<>());
        assertThat(target.resolve("f")).as("the running container").hasContent("x");
        right(snapshots.remove("c"));
        mountNew("d", false);
        assertThat(target.resolve("lost")).as("a new one").hasContent("y");
        new Sweep(layers.parts, snapshots).run(Set.of(), new HashSet<>());
        assertThat(dir.resolve("store/damaged")).as("kept while a snapshot names the layer").isNotEmptyDirectory();
        right(snapshots.remove("d"));
        new Sweep(layers.parts, snapshots).run(Set.of(), new HashSet<>());
        assertThat(dir.resolve("store/damaged")).isEmptyDirectory();
    }

    private void mountNew(String key, boolean readOnly) {
        right(snapshots.prepare(key, layers.chainIds()));
        right(snapshots.mount(key, target, readOnly));
    }

    private static <T> T right(Either<StoreFailure, T> either) {
        return either.getOrElseThrow(failure -> new AssertionError(failure.toString()));
    }

    private static void expect(Kind kind, Either<StoreFailure, ?> either) {
        assertThat(either.isLeft()).isTrue();
        assertThat(either.getLeft().kind()).as(either.getLeft().message()).isEqualTo(kind);
    }
}
