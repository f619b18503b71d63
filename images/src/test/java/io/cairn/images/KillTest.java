package io.cairn.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.cairn.images.registry.Credentials;
import io.cairn.images.registry.Digest;
import io.cairn.images.registry.FakeRegistry;
import io.cairn.images.registry.ImageReference;
import io.cairn.images.registry.RegistryOptions;
import io.cairn.linux.Mounts;
import io.vavr.collection.Vector;
import java.io.BufferedReader;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** SIGKILL in the middle of everything: the next process finds whole layers or none, and nothing is left behind. */
class KillTest {
    private static final int ROUNDS = 5;

    @TempDir
    Path dir;
    private FakeRegistry registry;
    private Path target;

    @BeforeEach
    void start() throws Exception {
        registry = FakeRegistry.start();
        // In memory: a killed process loses nothing that the kernel has.
        Mounts.mount("tmpfs", dir, "tmpfs", 0, "size=64m");
        target = Files.createDirectory(dir.resolve("target"));
    }

    @AfterEach
    void stop() throws Exception {
        registry.close();
        Mounts.unmount(target);
        Mounts.unmount(dir);
    }

    @Test
    void theNextProcessFindsWholeLayersOrNone() throws Exception {
        long seed = System.nanoTime();
        var random = new Random(seed);
        var layers = new ArrayList<byte[]>();
        for (int i = 0; i < 4; i++) {
            var tar = new Tar();
            for (int file = 0; file < 50; file++) {
                tar.add(Tar.file("d" + i + "/f" + file, "content".repeat(random.nextInt(200))));
            }
            layers.add(tar.finish());
        }
        TestImage image = TestImage.of(layers.toArray(byte[][]::new));
        registry.with("app", "1", image);
        String reference = registry.address() + "/app:1";
        for (int round = 0; round < ROUNDS; round++) {
            String story = "seed " + seed + ", round " + round;
            killAfter(reference, 1 + random.nextInt(25), random.nextInt(20_000));
            check(story, ImageReference.parse(reference).get(), image);
        }
    }

    private void killAfter(String reference, int lines, int micros) throws Exception {
        var command = new ArrayList<>(List.of(ProcessHandle.current().info().command().orElseThrow()));
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream().filter(argument -> argument.startsWith("--"))
                .forEach(command::add);
        command.addAll(List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                PullingProcess.class.getName(), dir.resolve("images").toString(), target.toString(), reference));
        Process process = new ProcessBuilder(command).redirectError(dir.resolve("stderr").toFile()).start();
        try (BufferedReader output = process.inputReader()) {
            for (int i = 0; i < lines; i++) {
                assertThat(output.readLine()).as(() -> "the process ended by itself: " + stderr()).isNotNull();
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(micros));
        } finally {
            process.destroyForcibly();
            assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
        }
    }

    private String stderr() {
        try {
            return Files.readString(dir.resolve("stderr"));
        } catch (IOException e) {
            return e.toString();
        }
    }

    private void check(String story, ImageReference reference, TestImage image) throws Exception {
        try (ImageStore store = ImageStore.open(dir.resolve("images"), RegistryOptions.defaults()).get()) {
            assertThat(dir.resolve("images/ingest")).as(story).isEmptyDirectory();
            assertThat(dir.resolve("images/trash")).as(story).isEmptyDirectory();
            for (Path layer : entries("layers")) {
                Digest chainId = Digest.parse(layer.getFileName().toString().replace('-', ':')).get();
                assertThat(store.snapshots().view("check", Vector.of(chainId)).isRight()).as(story).isTrue();
                store.snapshots().remove("check");
            }
            for (String key : store.snapshots().list().get()) {
                assertThat(store.snapshots().mount(key, target, false).isRight()).as(story).isTrue();
                assertThat(store.snapshots().remove(key).isRight()).as(story).isTrue();
            }
            assertThat(Mounts.isMountPoint(target)).as(story).isFalse();
            PulledImage pulled = store.pull(reference, Credentials.anonymous(), PullProgress.NONE)
                    .getOrElseThrow(failure -> new AssertionError(story + ": " + failure.message()));
            assertThat(pulled.image().imageId()).as(story).isEqualTo(image.configDigest);
            store.forget(image.configDigest);
            assertThat(store.sweep(Set.of()).get().inodes()).as(story).isZero();
            for (String part : List.of("layers", "blobs", "damaged", "snapshots", "ingest", "trash")) {
                assertThat(entries(part)).as(story + ", " + part).isEmpty();
            }
        }
    }

    private List<Path> entries(String part) throws Exception {
        try (Stream<Path> files = Files.list(dir.resolve("images").resolve(part))) {
            return files.toList();
        }
    }
}
