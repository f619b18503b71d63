package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.FakeRegistry;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.linux.Mounts;
import io.vavr.control.Either;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that is told to forget all that was not synced, as a power cut does. */
class PowerLossTest {
    @TempDir
    Path dir;
    private Path disk;
    private FakeRegistry registry;

    @BeforeEach
    void makeDisk() throws Exception {
        registry = FakeRegistry.start();
        disk = Files.createDirectory(dir.resolve("disk"));
        run("truncate", "-s", "320M", dir.resolve("image").toString());
        run("mkfs.xfs", "-q", dir.resolve("image").toString());
        run("mount", "-o", "loop", dir.resolve("image").toString(), disk.toString());
    }

    @AfterEach
    void unmount() throws Exception {
        registry.close();
        if (Mounts.isMountPoint(disk)) {
            run("umount", disk.toString());
        }
    }

    @Test
    void anImageThatWasPulledIsThereWithAllItsContent() throws Exception {
        String content = "content of some length ".repeat(3000);
        TestImage image = TestImage.of(Tar.of(Tar.dir("a"), Tar.file("a/f", content)),
                Tar.of(Tar.file("a/g", content), Tar.symlink("s", "a/g")));
        registry.with("app", "1", image);
        ImageStore store = open();
        StoredImage pulled = pull(store, "1").get().image();
        assertThat(store.snapshots().prepare("c", pulled.chainIds()).isRight()).isTrue();
        Files.writeString(disk.resolve("unsynced"), content);

        run("xfs_io", "-x", "-c", "shutdown", disk.toString());
        store.close();
        run("umount", disk.toString());
        run("mount", "-o", "loop", dir.resolve("image").toString(), disk.toString());

        assertThat(disk.resolve("unsynced")).as("the power cut was real").doesNotExist();
        try (ImageStore after = open()) {
            assertThat(after.load(pulled.imageId()).get()).usingRecursiveComparison().isEqualTo(pulled);
            after.snapshots().list().get().forEach(key -> assertThat(after.snapshots().remove(key).isRight()).isTrue());
            Path target = Files.createDirectory(dir.resolve("target"));
            assertThat(after.snapshots().prepare("d", pulled.chainIds()).isRight()).isTrue();
            assertThat(after.snapshots().mount("d", target, true).isRight()).isTrue();
            assertThat(target.resolve("a/f")).hasContent(content);
            assertThat(target.resolve("s")).hasContent(content);
            assertThat(after.snapshots().remove("d").isRight()).isTrue();
        }
    }

    @Test
    void aFullDiskIsToldAndLeavesNothing() throws Exception {
        ImageStore store = open();
        long fill = Files.getFileStore(disk).getUsableSpace() - (20 << 20);
        run("xfs_io", "-f", "-c", "falloc 0 " + fill, disk.resolve("filler").toString());
        byte[] tar = Tar.of(Tar.entry("f", Tar.FILE).content(new byte[40 << 20]));
        registry.with("app", "1", TestImage.of(tar));
        PullFailure failure = pull(store, "1").getLeft();
        assertThat(failure).isInstanceOf(PullFailure.Local.class);
        assertThat(failure.message()).contains(disk.toString()).contains("No space left on device");
        assertThat(disk.resolve("store/ingest")).isEmptyDirectory();
        assertThat(disk.resolve("store/layers")).isEmptyDirectory();
        registry.with("app", "2", TestImage.of(TestImage.Packing.NONE, tar));
        PullFailure early = pull(store, "2").getLeft();
        assertThat(early.message()).contains("bytes, but").contains("free");
        registry.with("app", "3", TestImage.of(Tar.of(Tar.file("f", "small"))));
        assertThat(pull(store, "3").isRight()).isTrue();
        store.close();
    }

    private Either<PullFailure, PulledImage> pull(ImageStore store, String tag) {
        var reference = ImageReference.parse(registry.address() + "/app:" + tag).get();
        return store.pull(reference, Credentials.anonymous(), PullProgress.NONE);
    }

    private ImageStore open() {
        return ImageStore.open(disk.resolve("store"), RegistryOptions.defaults()).get();
    }

    private void run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0).as(String.join(" ", command) + ": " + output)
                .isTrue();
    }
}
